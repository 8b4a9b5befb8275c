/** How far the quotas of a tenant are used up. */
import { Progress } from "@mantine/core";
import { IconGauge } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { QuotaGauge } from "@/api/types";
import { type Column, DataTable } from "@/kit/DataTable";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { When } from "@/kit/When";
import { quotasQuery } from "./queries";

const KINDS: Record<QuotaGauge["type"], string> = {
  EXECUTIONS: "Executions",
  LOG_LINES: "Log lines",
  STORAGE: "Bytes stored",
  CONCURRENCY: "Executions at once",
};

export function Quotas({ tenant }: { tenant: string }) {
  const quotas = useQuery(quotasQuery(tenant));
  if (quotas.isError) return <Failure error={quotas.error} onRetry={quotas.refetch} />;
  if (!quotas.data) return <RowsLoading rows={3} height={40} />;
  if (quotas.data.length === 0)
    return (
      <Empty icon={IconGauge} title="No quota has counted anything">
        Quotas are said by the tenant, a namespace or a flow: how many executions begin in a time, run at
        once, or how much they log and keep.
      </Empty>
    );
  return (
    <DataTable
      label="Quotas"
      columns={COLUMNS}
      rows={quotas.data}
      rowKey={({ namespace, flowId, id }) => `${namespace} ${flowId} ${id}`}
      rowName={({ type, duration }) => `${KINDS[type]} ${duration ?? ""}`}
    />
  );
}

const COLUMNS: Column<QuotaGauge>[] = [
  {
    id: "what",
    header: "What",
    width: "minmax(160px, 2fr)",
    cell: ({ type, duration }) => `${KINDS[type]}${duration ? ` in ${duration}` : ""}`,
  },
  {
    id: "where",
    header: "Where",
    width: "minmax(140px, 2fr)",
    cell: ({ namespace, flowId }) =>
      flowId ? `${namespace} / ${flowId}` : (namespace ?? "the whole tenant"),
  },
  {
    id: "used",
    header: "Used",
    width: "minmax(160px, 2fr)",
    cell: ({ count, limit }) => (
      <span style={{ display: "flex", gap: 8, alignItems: "center", width: "100%" }}>
        <Progress
          value={Math.min(100, (100 * count) / limit)}
          color={count >= limit ? "red" : "blue"}
          style={{ flex: 1 }}
          aria-label={`${count} of ${limit} used`}
        />
        <span className="numbers">
          {count} of {limit}
        </span>
      </span>
    ),
  },
  {
    id: "then",
    header: "Then",
    width: "90px",
    hide: "narrow",
    cell: ({ behavior }) => behavior.toLowerCase(),
  },
  {
    id: "since",
    header: "Since",
    width: "130px",
    hide: "narrow",
    cell: ({ start }) => <When date={start} />,
  },
];
