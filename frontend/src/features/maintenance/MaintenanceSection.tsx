/** Enters and leaves maintenance, and says how much still runs. */
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { MaintenanceStatus } from "@/api/types";
import { configQuery } from "@/features/session/queries";
import { confirm } from "@/kit/confirm";
import { Facts, Section } from "@/kit/Facts";
import { Failure, RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { Tag } from "@/kit/Tag";

const KEY = ["instance", "maintenance"];
/** While it is entered one watches the work run out. */
const WATCH_MS = 2_000;

export function MaintenanceSection() {
  const client = useQueryClient();
  const status = useQuery({
    queryKey: KEY,
    queryFn: () => call<MaintenanceStatus>(api.GET("/api/v1/instance/maintenance/status")),
    refetchInterval: ({ state }) => (state.data?.maintenance && !state.data.ready ? WATCH_MS : false),
  });
  const refresh = () =>
    Promise.all([KEY, configQuery.queryKey].map((queryKey) => client.invalidateQueries({ queryKey })));
  if (status.isError) return <Failure error={status.error} onRetry={status.refetch} />;
  if (!status.data) return <RowsLoading rows={2} />;
  const { maintenance, running } = status.data;
  return (
    <Section title="Maintenance">
      <Facts
        facts={[
          { name: "State", value: <Stand of={status.data} /> },
          { name: "Still running", value: running === 1 ? "1 job" : `${running} jobs` },
        ]}
      />
      <Button variant="default" onClick={() => (maintenance ? askToLeave(refresh) : askToEnter(refresh))}>
        {maintenance ? "Leave maintenance" : "Enter maintenance"}
      </Button>
    </Section>
  );
}

function Stand({ of: { maintenance, ready } }: { of: MaintenanceStatus }) {
  if (!maintenance) return <Tag tone="good">live</Tag>;
  return ready ? <Tag tone="warn">in maintenance</Tag> : <Tag tone="busy">running work ends</Tag>;
}

function askToEnter(refresh: () => Promise<unknown>): void {
  confirm({
    title: "Enter maintenance",
    name: "the instance",
    text: "Workers finish what they have in hand and take nothing new. What is started meanwhile begins afterwards; nothing is lost.",
    verb: "Enter",
    run: async () => {
      await call(api.POST("/api/v1/instance/maintenance/enter"));
      await refresh();
      done("The instance is in maintenance");
    },
  });
}

function askToLeave(refresh: () => Promise<unknown>): void {
  confirm({
    title: "Leave maintenance",
    name: "the instance",
    text: "Everything that waited begins now.",
    verb: "Leave",
    run: async () => {
      await call(api.POST("/api/v1/instance/maintenance/exit"));
      await refresh();
      done("The instance is live");
    },
  });
}
