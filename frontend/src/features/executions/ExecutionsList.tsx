/** A list of executions with its filters, kept live; of the tenant, or of one flow. */
import { Button, Select } from "@mantine/core";
import { IconPlayerPlay, IconSearchOff, IconX } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { to } from "@/addresses";
import type { ExecutionRow } from "@/api/types";
import { ActivityChart } from "@/features/charts/ActivityChart";
import { DataTable } from "@/kit/DataTable";
import { FilterBar, LabelsFilter, NamespaceFilter, SearchFilter, TextFilter } from "@/kit/Filters";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { shortTime } from "@/kit/time";
import { type Pages, usePages } from "@/kit/usePages";
import { useLive } from "@/live/LiveProvider";
import { type Search, useTenant } from "@/url";
import { BulkActions } from "./BulkActions";
import { executionColumns } from "./columns";
import { mergeRows } from "./live";
import { executionsKey, fetchExecutions } from "./queries";
import { StateChips } from "./StateChips";

const RANGES = [
  { value: "PT15M", label: "Last 15 minutes" },
  { value: "PT1H", label: "Last hour" },
  { value: "PT24H", label: "Last 24 hours" },
  { value: "PT168H", label: "Last 7 days" },
  { value: "PT720H", label: "Last 30 days" },
];

const NOTHING = {
  q: undefined,
  state: undefined,
  namespace: undefined,
  flowId: undefined,
  labels: undefined,
  range: undefined,
  from: undefined,
  to: undefined,
};

interface ExecutionsListProps {
  search: Search;
  onSearch: (change: Record<string, string | undefined>) => void;
  /** Set when the list is that of one flow. */
  flow?: { namespace: string; flowId: string };
}

export function ExecutionsList({ search, onSearch, flow }: ExecutionsListProps) {
  const tenant = useTenant();
  const client = useQueryClient();
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const wanted: Search = { ...search, ...flow };
  const { sort: _, ...chartSearch } = wanted;
  const key = executionsKey(tenant, wanted);
  const { query, rows, total, onEnd } = usePages({
    queryKey: key,
    fetchPage: (page) => fetchExecutions(tenant, wanted, page),
    keyOf: ({ id }) => id,
  });
  useLive(
    { topic: "executions" },
    {
      state: () => client.invalidateQueries({ queryKey: key }),
      change: ({ executions }: { executions: ExecutionRow[] }) =>
        client.setQueryData<Pages<ExecutionRow>>(
          key,
          (before) => before && mergeRows(before, executions, wanted),
        ),
    },
  );
  const filtering = Object.keys(NOTHING).some((name) => search[name] && !(flow && name in flow));
  const none = query.isSuccess && rows.length === 0 && !query.isPlaceholderData;

  return (
    <>
      <FilterBar onClear={filtering ? () => onSearch(NOTHING) : undefined}>
        <SearchFilter label="Search by id" value={search.q} onChange={(q) => onSearch({ q })} />
        {!flow && (
          <>
            <NamespaceFilter value={search.namespace} onChange={(namespace) => onSearch({ namespace })} />
            <TextFilter label="Flow" value={search.flowId} onChange={(flowId) => onSearch({ flowId })} />
          </>
        )}
        <LabelsFilter value={search.labels} onChange={(labels) => onSearch({ labels })} />
        <Select
          size="xs"
          aria-label="Started in"
          placeholder="Any time"
          data={RANGES}
          value={search.range ?? null}
          onChange={(range) => onSearch({ range: range ?? undefined, from: undefined, to: undefined })}
          clearable
          w={150}
        />
        {search.from && (
          <Button
            variant="light"
            rightSection={<IconX size={13} />}
            aria-label="Any time again"
            onClick={() => onSearch({ from: undefined, to: undefined })}
          >
            {shortTime(Number(search.from))} – {shortTime(Number(search.to))}
          </Button>
        )}
        <StateChips value={search.state} onChange={(state) => onSearch({ state })} />
      </FilterBar>
      <ActivityChart
        tenant={tenant}
        search={chartSearch}
        onPick={(from, to) => onSearch({ from: String(from), to: String(to), range: undefined })}
      />
      <BulkActions
        tenant={tenant}
        rows={rows.filter(({ id }) => selected.has(id))}
        total={total}
        search={wanted}
        onDone={() => setSelected(new Set())}
      />
      {query.isPending && <RowsLoading rows={10} height={40} />}
      {query.isError && <Failure error={query.error} onRetry={query.refetch} />}
      {none && <NoExecutions filtering={filtering} />}
      {rows.length > 0 && (
        <DataTable
          label="Executions"
          columns={executionColumns(tenant, flow !== undefined)}
          rows={rows}
          rowKey={({ id }) => id}
          rowName={({ id }) => id}
          rowTo={({ id }) => to.execution(tenant, id)}
          selection={{ selected, onChange: setSelected }}
          sort={search.sort ?? "state.startDate:desc"}
          onSort={(sort) => onSearch({ sort })}
          onEnd={onEnd}
          total={total}
        />
      )}
    </>
  );
}

function NoExecutions({ filtering }: { filtering: boolean }) {
  if (filtering) {
    return (
      <Empty icon={IconSearchOff} title="No execution matches">
        Try fewer filters or a longer time.
      </Empty>
    );
  }
  return (
    <Empty icon={IconPlayerPlay} title="Nothing has run yet">
      Open a flow and press Execute, or give it a trigger. What runs appears here by itself.
    </Empty>
  );
}
