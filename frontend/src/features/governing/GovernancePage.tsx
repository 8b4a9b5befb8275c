/** What is laid over a tenant: its policies, its quotas, and what is kept how long. */
import { to } from "@/addresses";
import { Retention } from "@/features/retention/Retention";
import { NavTabs } from "@/kit/NavTabs";
import { Page } from "@/kit/Page";
import { useParam, useTenant } from "@/url";
import classes from "./GovernancePage.module.css";
import { Policies } from "./Policies";
import { Quotas } from "./Quotas";

const TABS: Record<string, string> = { policies: "Policies", quotas: "Quotas", retention: "Retention" };

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
      {tab === "policies" && <Policies place={tenant} />}
      {tab === "quotas" && <Quotas tenant={tenant} />}
      {tab === "retention" && (
        <div className={classes.scroller}>
          <Retention tenant={tenant} namespace="" />
        </div>
      )}
    </Page>
  );
}
