/** What the tasks of a flow measured, added up over time. */
import { Select } from "@mantine/core";
import { IconChartBar } from "@tabler/icons-react";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, call } from "@/api/client";
import type { MetricAggregations } from "@/api/types";
import { FilterBar } from "@/kit/Filters";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { useTenant, useUrlState } from "@/url";
import { ValueBars } from "./ValueBars";

interface FlowId {
  namespace: string;
  id: string;
}

const RANGES = [
  { value: "1", label: "Last 24 hours" },
  { value: "7", label: "Last 7 days" },
  { value: "30", label: "Last 30 days" },
  { value: "90", label: "Last 90 days" },
];
const WAYS = [
  { value: "sum", label: "Sum" },
  { value: "avg", label: "Average" },
  { value: "min", label: "Smallest" },
  { value: "max", label: "Largest" },
];
const DAY = 86_400_000;

export function FlowMetrics({ flow }: { flow: FlowId }) {
  const tenant = useTenant();
  const [search, setSearch] = useUrlState();
  const names = useQuery(namesQuery(tenant, flow));
  const [now] = useState(() => Date.now());
  if (names.isError) return <Failure error={names.error} onRetry={names.refetch} />;
  if (!names.data) return <RowsLoading rows={6} />;
  const [first] = names.data;
  if (first === undefined) return <NoMetrics />;
  const metric = search.metric ?? first;
  const days = search.days ?? "7";
  const way = search.way ?? "sum";
  return (
    <>
      <FilterBar>
        <Select
          size="xs"
          aria-label="Metric"
          data={names.data}
          value={metric}
          onChange={(next) => setSearch({ metric: next ?? undefined })}
          allowDeselect={false}
          searchable
          w={220}
        />
        <Select
          size="xs"
          aria-label="Put together as"
          data={WAYS}
          value={way}
          onChange={(next) => setSearch({ way: next ?? undefined })}
          allowDeselect={false}
          w={120}
        />
        <Select
          size="xs"
          aria-label="Measured in"
          data={RANGES}
          value={days}
          onChange={(next) => setSearch({ days: next ?? undefined })}
          allowDeselect={false}
          w={150}
        />
      </FilterBar>
      <Chart tenant={tenant} flow={flow} metric={metric} way={way} from={now - Number(days) * DAY} to={now} />
    </>
  );
}

interface ChartProps {
  tenant: string;
  flow: FlowId;
  metric: string;
  way: string;
  from: number;
  to: number;
}

function Chart(props: ChartProps) {
  const query = useQuery(aggregatesQuery(props));
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  if (!query.data) return <RowsLoading rows={6} />;
  const values = query.data.aggregations.map(({ date, value }) => ({
    at: Date.parse(date),
    value: Number(value ?? 0),
  }));
  return <ValueBars label={`${props.metric}, ${props.way} per ${query.data.groupBy}`} values={values} />;
}

function NoMetrics() {
  return (
    <Empty icon={IconChartBar} title="No metrics">
      No task of this flow has measured anything. A script reports a metric with{" "}
      <code>{'::{"metrics": [{"name": "rows", "type": "counter", "value": 3}]}::'}</code>
    </Empty>
  );
}

function namesQuery(tenant: string, { namespace, id }: FlowId) {
  return queryOptions({
    queryKey: [tenant, "flow", namespace, id, "metrics"],
    queryFn: () =>
      call<string[]>(
        api.GET("/api/v1/{tenant}/metrics/names/{namespace}/{flowId}", {
          params: { path: { tenant, namespace, flowId: id } },
        }),
      ),
  });
}

function aggregatesQuery({ tenant, flow, metric, way, from, to }: ChartProps) {
  const path = { tenant, namespace: flow.namespace, flowId: flow.id, metric };
  const query = {
    aggregation: way,
    startDate: new Date(from).toISOString(),
    endDate: new Date(to).toISOString(),
  };
  return queryOptions({
    queryKey: [tenant, "flow", flow.namespace, flow.id, "metrics", metric, query],
    queryFn: () =>
      call<MetricAggregations>(
        api.GET("/api/v1/{tenant}/metrics/aggregates/{namespace}/{flowId}/{metric}", {
          params: { path, query },
        }),
      ),
  });
}
