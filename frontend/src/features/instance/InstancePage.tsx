/** What the instance runs on and which of its processes are alive. */

import { Button } from "@mantine/core";
import { IconLock, IconServer2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { to } from "@/addresses";
import { api, call } from "@/api/client";
import { filtered } from "@/api/query";
import type { Service } from "@/api/types";
import { Announcements } from "@/features/announcements/Announcements";
import { InstanceAuthentication } from "@/features/authentication/Authentication";
import { ServiceDetails } from "@/features/fleet/ServiceDetails";
import { Problem, ServiceState } from "@/features/fleet/ServiceState";
import { WorkerGroups } from "@/features/fleet/WorkerGroups";
import { WorkerQueues } from "@/features/fleet/WorkerQueues";
import { Policies } from "@/features/governing/Policies";
import { KillSwitches } from "@/features/killswitches/KillSwitches";
import { MaintenanceSection } from "@/features/maintenance/MaintenanceSection";
import { configQuery, meQuery, setupQuery } from "@/features/session/queries";
import { Tenants } from "@/features/tenants/Tenants";
import { Users } from "@/features/users/Users";
import { Facts, Section } from "@/kit/Facts";
import { NavTabs } from "@/kit/NavTabs";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { Page } from "@/kit/Page";
import { When } from "@/kit/When";
import { useParam, useTenant } from "@/url";
import { InstanceAccounts } from "./accounts/InstanceAccounts";
import classes from "./InstancePage.module.css";
import { Refusals } from "./Refusals";

/** Heartbeats are not on the feed; they come every few seconds. */
const HEARTBEAT_MS = 10_000;

const TABS: Record<string, string> = {
  overview: "Overview",
  workers: "Workers",
  policies: "Policies",
  tenants: "Tenants",
  users: "Users",
  "kill-switches": "Kill switches",
  announcements: "Announcements",
  authentication: "Authentication",
  accounts: "Service accounts",
  refusals: "Refusals",
};

export function InstancePage() {
  const tenant = useTenant();
  const me = useQuery(meQuery);
  const wanted = useParam("tab");
  const tab = me.data?.superAdmin && wanted in TABS ? wanted : "overview";
  return (
    <Page
      name="Instance"
      title="Instance"
      fill={tab !== "overview" && tab !== "workers"}
      tabs={
        me.data?.superAdmin && (
          <NavTabs
            label="Parts of the instance"
            current={tab}
            tabs={Object.entries(TABS).map(([id, label]) => ({ id, label, to: to.instance(tenant, id) }))}
          />
        )
      }
    >
      {tab === "tenants" && <Tenants />}
      {tab === "users" && <Users />}
      {tab === "kill-switches" && <KillSwitches />}
      {tab === "announcements" && <Announcements />}
      {tab === "authentication" && <InstanceAuthentication />}
      {tab === "accounts" && <InstanceAccounts />}
      {tab === "workers" && (
        <div className={classes.page}>
          <WorkerGroups />
          <WorkerQueues />
        </div>
      )}
      {tab === "policies" && <Policies place={undefined} />}
      {tab === "refusals" && <Refusals />}
      {tab === "overview" && (
        <div className={classes.page}>
          <About />
          {me.data?.superAdmin ? (
            <>
              <MaintenanceSection />
              <Services />
            </>
          ) : (
            me.isSuccess && (
              <Empty icon={IconLock} title="Services are shown to superadmins">
                Whoever governs this instance sees its processes and workers here.
              </Empty>
            )
          )}
        </div>
      )}
    </Page>
  );
}

function About() {
  const config = useQuery(configQuery);
  const setup = useQuery(setupQuery);
  if (config.isError) return <Failure error={config.error} onRetry={config.refetch} />;
  if (!config.data) return <RowsLoading rows={7} />;
  const { version, url } = config.data;
  return (
    <Section title="About">
      <Facts
        facts={[
          { name: "Version", value: version ?? "–" },
          url ? { name: "Address", value: url } : undefined,
          { name: "Database", value: setup.data?.repositoryType ?? "–" },
          { name: "Queue", value: setup.data?.queueType ?? "–" },
          { name: "Storage", value: setup.data?.storageType ?? "–" },
          { name: "Secrets", value: setup.data?.secretType ?? "–" },
        ]}
      />
    </Section>
  );
}

function Services() {
  const [shown, setShown] = useState<Service>();
  const services = useQuery({
    queryKey: ["instance", "services"],
    queryFn: () =>
      call<{ results: Service[] }>(
        api.GET("/api/v1/instance/services/search", {
          params: { query: { page: 1, size: 100, filters: filtered([]) } },
        }),
      ),
    refetchInterval: HEARTBEAT_MS,
  });
  const list = services.data?.results ?? [];
  return (
    <Section title="Services">
      <ServiceDetails service={shown} onClose={() => setShown(undefined)} />
      {services.isPending && <RowsLoading rows={3} />}
      {services.isError && <Problem error={services.error} onRetry={services.refetch} />}
      {services.isSuccess && list.length === 0 && (
        <Empty icon={IconServer2} title="No service has reported" />
      )}
      {list.length > 0 && (
        <section className={classes.scroller} tabIndex={0} aria-label="Services">
          <table className={classes.table}>
            <thead>
              <tr>
                <th>Service</th>
                <th>State</th>
                <th className={classes.wide}>Host</th>
                <th className={classes.wide}>Started</th>
                <th>Last heard</th>
              </tr>
            </thead>
            <tbody>
              {list.map((service) => {
                const { id, type, state, server, createdAt, updatedAt } = service;
                return (
                  <tr key={id}>
                    <td>
                      <Button
                        variant="subtle"
                        size="compact-xs"
                        aria-label={`Details of ${type?.toLowerCase()} ${id?.slice(0, 8)}`}
                        onClick={() => setShown(service)}
                      >
                        {type?.toLowerCase()}
                      </Button>{" "}
                      <span className={classes.dim}>{id?.slice(0, 8)}</span>
                    </td>
                    <td>
                      <ServiceState state={state} />
                    </td>
                    <td className={`${classes.dim} ${classes.wide}`}>{server?.hostname}</td>
                    <td className={classes.wide}>
                      <When date={createdAt} />
                    </td>
                    <td>
                      <When date={updatedAt} />
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </section>
      )}
    </Section>
  );
}
