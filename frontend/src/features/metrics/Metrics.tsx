/** What the tasks of an execution measured. */

import { IconChartBar } from "@tabler/icons-react";
import { stringifyJson } from "@/api/json";
import type { Execution, Metric } from "@/api/types";
import { fetchMetrics } from "@/features/executions/queries";
import { type Column, DataTable } from "@/kit/DataTable";
import { Labels } from "@/kit/Labels";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { isTerminal } from "@/kit/states";
import { spanText } from "@/kit/time";
import { usePages } from "@/kit/usePages";
import { When } from "@/kit/When";
import { useTenant } from "@/url";

const COLUMNS: Column<Metric>[] = [
  {
    id: "name",
    header: "Metric",
    width: "minmax(120px, 2fr)",
    cell: ({ name }) => <span className="mono">{name}</span>,
  },
  { id: "task", header: "Task", width: "minmax(90px, 1.4fr)", cell: ({ taskId }) => taskId },
  {
    id: "value",
    header: "Value",
    width: "110px",
    align: "end",
    cell: (metric) => <span className="numbers">{metricText(metric)}</span>,
  },
  { id: "type", header: "Kind", width: "90px", hide: "narrow", cell: ({ type }) => type },
  {
    id: "tags",
    header: "Tags",
    width: "minmax(120px, 1.6fr)",
    hide: "medium",
    cell: ({ tags }) => <Labels labels={tags ?? undefined} limit={3} oneLine />,
  },
  {
    id: "when",
    header: "Measured",
    width: "120px",
    hide: "narrow",
    cell: ({ timestamp }) => <When date={timestamp} />,
  },
];

export function Metrics({ execution }: { execution: Execution }) {
  const tenant = useTenant();
  const over = isTerminal(execution.state.current);
  const { query, rows, total, onEnd } = usePages({
    queryKey: [tenant, "execution", execution.id, "metrics", execution.state.current],
    fetchPage: (page) => fetchMetrics(tenant, execution.id, page),
    keyOf: keyOfMetric,
  });
  if (query.isPending) return <RowsLoading rows={6} height={40} />;
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  if (rows.length === 0) {
    return (
      <Empty icon={IconChartBar} title="No metrics">
        {over ? "No task of this execution measured anything. " : "Nothing measured so far. "}A script reports
        one with <code>{'::{"metrics": [{"name": "rows", "type": "counter", "value": 3}]}::'}</code>
      </Empty>
    );
  }
  return (
    <DataTable
      label="Metrics"
      columns={COLUMNS}
      rows={rows}
      rowKey={keyOfMetric}
      rowName={({ name }) => name}
      onEnd={onEnd}
      total={total}
    />
  );
}

function keyOfMetric({ taskRunId, name, timestamp, tags }: Metric): string {
  return `${taskRunId} ${name} ${timestamp} ${stringifyJson(tags)}`;
}

/** A timer counts seconds or milliseconds as its task does; ours writes milliseconds. */
function metricText({ type, value }: Metric): string {
  return type === "timer"
    ? spanText(Number(value))
    : Number(value).toLocaleString(undefined, { maximumFractionDigits: 20 });
}
