/** One process of the instance: how busy it is, and how it is set; secrets are not told. */
import { Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { ServiceDetails as Details, Service } from "@/api/types";
import { Facts, Section } from "@/kit/Facts";
import { Failure, RowsLoading } from "@/kit/Notices";
import { HEARTBEAT_MS } from "./queries";

export function ServiceDetails({ service, onClose }: { service?: Service; onClose: () => void }) {
  const title = `${service?.type?.toLowerCase()} on ${service?.server?.hostname}`;
  return (
    <Modal opened={service !== undefined} onClose={onClose} title={title} size="lg">
      {service && <Shown id={service.id ?? ""} />}
    </Modal>
  );
}

function Shown({ id }: { id: string }) {
  const details = useQuery({
    queryKey: ["instance", "services", id],
    queryFn: () => call<Details>(api.GET("/api/v1/instance/services/{id}", { params: { path: { id } } })),
    refetchInterval: HEARTBEAT_MS,
  });
  if (details.isError) return <Failure error={details.error} onRetry={details.refetch} />;
  if (!details.data) return <RowsLoading rows={6} />;
  const { metrics, props, server } = details.data;
  const loads = (metrics ?? []).map(({ name = "", value }) => ({ name, value: String(value) }));
  const knobs = Object.entries(props ?? {}).map(([name, value]) => ({ name, value: String(value) }));
  return (
    <>
      <Facts facts={[{ name: "Version", value: server?.version ?? "–" }]} />
      <Section title="Load">
        <Facts facts={loads} />
      </Section>
      <Section title="Configuration">
        <Facts facts={knobs} />
      </Section>
    </>
  );
}
