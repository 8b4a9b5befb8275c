/** What is laid over a tenant: its policies and its quotas. */
import { to } from "@/addresses";
import { NavTabs } from "@/kit/NavTabs";
import { Page } from "@/kit/Page";
import { useParam, useTenant } from "@/url";
import { Policies } from "./Policies";
import { Quotas } from "./Quotas";

const TABS: Record<string, string> = { policies: "Policies", quotas: "Quotas" };

export function GovernancePage() {
  const tenant = useTenant();
  const wanted = useParam("tab");
  const tab = wanted in TABS ? wanted : "policies";
  return (
    <Page
      name="Governance"
      title="Governance"
      fill
      tabs={
        <NavTabs
          label="Parts of governance"
          current={tab}
          tabs={Object.entries(TABS).map(([id, label]) => ({ id, label, to: to.governance(tenant, id) }))}
        />
      }
    >
      {tab === "policies" ? <Policies place={tenant} /> : <Quotas tenant={tenant} />}
    </Page>
  );
}
