/** Flows with a limit: how many of their executions run, who waits, and how to let somebody go on all the same. */
import { Button, Progress, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconTrafficLights } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { to } from "@/addresses";
import type { ConcurrencyLimit } from "@/api/types";
import { confirm } from "@/kit/confirm";
import { type Column, DataTable } from "@/kit/DataTable";
import { FilterBar, NamespaceFilter, SearchFilter } from "@/kit/Filters";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { Page } from "@/kit/Page";
import { Tag } from "@/kit/Tag";
import { usePages } from "@/kit/usePages";
import { useTenant, useUrlState } from "@/url";
import classes from "./ConcurrencyPage.module.css";
import { fetchLimits, keyOfLimit, limitsKey, mend } from "./queries";
import { WaitingDialog } from "./WaitingDialog";

const LOOKS_AGAIN = 5_000;

/** What becomes of one too many. */
const BEHAVIORS = { QUEUE: "waits", CANCEL: "is cancelled", FAIL: "fails" } as const;

export function ConcurrencyPage() {
  const tenant = useTenant();
  const [search, setSearch] = useUrlState();
  const [looking, setLooking] = useState<ConcurrencyLimit>();
  const filtering = Boolean(search.q || search.namespace);
  const { query, rows, total, onEnd } = usePages({
    queryKey: [...limitsKey(tenant), search],
    fetchPage: (page) => fetchLimits(tenant, search, page),
    keyOf: keyOfLimit,
    refetchInterval: LOOKS_AGAIN,
  });
  const columns = useColumns(tenant, setLooking);
  const none = query.isSuccess && rows.length === 0 && !query.isPlaceholderData;
  return (
    <Page
      name="Concurrency"
      title="Concurrency"
      fill
      aside={query.isSuccess && <span className="numbers">{total}</span>}
    >
      {(filtering || !none) && (
        <FilterBar onClear={filtering ? () => setSearch({ q: undefined, namespace: undefined }) : undefined}>
          <SearchFilter label="Search flows" value={search.q} onChange={(q) => setSearch({ q })} />
          <NamespaceFilter value={search.namespace} onChange={(namespace) => setSearch({ namespace })} />
        </FilterBar>
      )}
      {query.isPending && <RowsLoading rows={10} height={48} />}
      {query.isError && <Failure error={query.error} onRetry={query.refetch} />}
      {none && (
        <Empty
          icon={IconTrafficLights}
          title={filtering ? "No flow with a limit matches" : "No flow has a limit yet"}
        >
          {filtering
            ? "Try fewer filters, or another word."
            : "With `concurrency` in its text, a flow says how many of its executions run at once."}
        </Empty>
      )}
      {rows.length > 0 && (
        <DataTable
          label="Limits"
          columns={columns}
          rows={rows}
          rowKey={keyOfLimit}
          rowName={({ flowId }) => flowId}
          sort={search.sort ?? "queued:desc"}
          onSort={(sort) => setSearch({ sort })}
          onEnd={onEnd}
          total={total}
          rowHeight={52}
        />
      )}
      {looking && <WaitingDialog tenant={tenant} limit={looking} onClose={() => setLooking(undefined)} />}
    </Page>
  );
}

function useColumns(tenant: string, onLook: (row: ConcurrencyLimit) => void): Column<ConcurrencyLimit>[] {
  const ask = useMending(tenant);
  return useMemo(
    () => [
      {
        id: "flow",
        header: "Flow",
        width: "minmax(140px, 2fr)",
        sort: "flowId",
        cell: ({ namespace, flowId }) => (
          <span className={classes.name}>
            <Link to={to.flow(tenant, namespace, flowId)} className={classes.flow}>
              {flowId}
            </Link>
            <span className={classes.namespace}>{namespace}</span>
          </span>
        ),
      },
      {
        id: "running",
        header: "Places in use",
        width: "minmax(120px, 1.5fr)",
        sort: "running",
        cell: ({ flowId, running, limit }) => (
          <span className={classes.places}>
            <span className="numbers">
              {running} of {limit}
            </span>
            <Progress
              value={Math.min(100, (100 * running) / limit)}
              size="sm"
              aria-label={`Places of ${flowId} in use`}
            />
          </span>
        ),
      },
      {
        id: "queued",
        header: "Waiting",
        width: "110px",
        sort: "queued",
        cell: (row) =>
          row.queued > 0 ? (
            <UnstyledButton
              className="link numbers"
              style={{ fontSize: "inherit" }}
              aria-label={`${row.queued} waiting for ${row.flowId}`}
              onClick={() => onLook(row)}
            >
              {row.queued}
            </UnstyledButton>
          ) : (
            <span className="numbers">0</span>
          ),
      },
      {
        id: "behavior",
        header: "One too many",
        width: "130px",
        hide: "medium",
        cell: ({ behavior }) => <Tag tone="calm">{BEHAVIORS[behavior]}</Tag>,
      },
      {
        id: "mend",
        header: <VisuallyHidden>Actions</VisuallyHidden>,
        width: "120px",
        hide: "narrow",
        cell: (row) => (
          <Button variant="subtle" size="compact-sm" onClick={() => ask(row)}>
            Count again
          </Button>
        ),
      },
    ],
    [tenant, onLook, ask],
  );
}

function useMending(tenant: string): (row: ConcurrencyLimit) => void {
  const client = useQueryClient();
  return useMemo(
    () => (row) =>
      confirm({
        title: "Count places again",
        name: row.flowId,
        text: "Places that nothing holds any more are freed, and free ones go to those that have waited longest.",
        verb: "Count again",
        run: async () => {
          const { running, limit } = await mend(tenant, row);
          await client.invalidateQueries({ queryKey: limitsKey(tenant) });
          done(`${running} of ${limit} places of ${row.flowId} are in use`);
        },
      }),
    [tenant, client],
  );
}
