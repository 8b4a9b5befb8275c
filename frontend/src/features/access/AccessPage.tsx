/** Who may do what in a tenant: people, groups, service accounts, roles, and what binds them. */
import type { ComponentType } from "react";
import { to } from "@/addresses";
import { TenantAuthentication } from "@/features/authentication/Authentication";
import { NavTabs } from "@/kit/NavTabs";
import { Page } from "@/kit/Page";
import { useParam, useTenant } from "@/url";
import { Accounts } from "./accounts/Accounts";
import { Bindings } from "./bindings/Bindings";
import { AsCode } from "./code/AsCode";
import { Groups } from "./groups/Groups";
import { Integrations } from "./integrations/Integrations";
import { Invitations } from "./invitations/Invitations";
import { Members } from "./members/Members";
import { Roles } from "./roles/Roles";
import { Why } from "./why/Why";

const PARTS: Record<string, [label: string, part: ComponentType]> = {
  members: ["Members", Members],
  groups: ["Groups", Groups],
  accounts: ["Service accounts", Accounts],
  roles: ["Roles", Roles],
  bindings: ["Bindings", Bindings],
  invitations: ["Invitations", Invitations],
  authentication: ["Authentication", TenantAuthentication],
  code: ["As code", AsCode],
  integrations: ["Integrations", Integrations],
  why: ["Why?", Why],
};

export function AccessPage() {
  const tenant = useTenant();
  const wanted = useParam("tab");
  const tab = wanted in PARTS ? wanted : "members";
  const [label, Part] = PARTS[tab] ?? ["Members", Members];
  return (
    <Page
      name={`${label} · Access`}
      title="Access"
      fill
      tabs={
        <NavTabs
          label="Parts of access"
          current={tab}
          tabs={Object.entries(PARTS).map(([id, [name]]) => ({ id, label: name, to: to.access(tenant, id) }))}
        />
      }
    >
      <Part key={tab} />
    </Page>
  );
}
