/** The chart of an execution of very many task runs: what is closed or out of view is not fetched. */
import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import type { Execution, ListedTaskRun } from "@/api/types";
import { RUNS_AT_ONCE, taskRunQuery, taskRunsQuery } from "@/features/executions/taskRuns";
import { Failure, RowsLoading } from "@/kit/Notices";
import type { PageOf } from "@/kit/usePages";
import { useTenant, useUrlState } from "@/url";
import { Chart } from "./Chart";
import { rowOfRun } from "./rows";
import { nameOf, type Place, placesIn, rowOf, type Slot, slotsOf, TOP } from "./tree";

const FIRST: Place = { parent: TOP, page: 0 };
/** Where an open or closed run stands, so that its page stays known. */
type Turned = ReadonlyMap<string, Place>;

export function ManyRuns({ execution }: { execution: Execution }) {
  const tenant = useTenant();
  const [turned, setTurned] = useState<Turned>(new Map());
  const [seen, setSeen] = useState<Place[]>([FIRST]);
  const places = useMemo(() => distinct([FIRST, ...turned.values(), ...seen]), [turned, seen]);
  const { known, top, error } = useKnownPages(tenant, execution.id, places);
  const isOpen = useCallback(
    ({ id }: ListedTaskRun, depth: number) => (depth === 0) !== turned.has(id),
    [turned],
  );
  const slots = useMemo(() => slotsOf(known, top ?? 0, isOpen), [known, top, isOpen]);
  const rows = useMemo(
    () => slots.map(({ run, depth }) => run && rowOfRun(run, depth, run.children)),
    [slots],
  );
  const onView = useCallback(
    (first: number, last: number) => {
      const next = placesIn(slots, first, last);
      setSeen((before) => (namesOf(before) === namesOf(next) ? before : next));
    },
    [slots],
  );
  const wanted = useWayTo(tenant, execution.id, slots, (way) =>
    setTurned((before) => new Map([...before, ...way])),
  );
  if (error && top === undefined) return <Failure error={error} />;
  if (top === undefined) return <RowsLoading rows={12} />;

  function turn(id: string) {
    const place = slots.find(({ run }) => run?.id === id)?.place;
    const next = new Map(turned);
    if (!next.delete(id) && place) next.set(id, place);
    setTurned(next);
  }
  return (
    <Chart
      execution={execution}
      rows={rows}
      reach={reachOf(execution, rows)}
      isCollapsed={(row) => !isOpen(row.run as ListedTaskRun, row.depth)}
      onCollapse={(row) => turn(row.run.id)}
      version={`${turned.size}`}
      wanted={wanted}
      onView={onView}
    />
  );
}

function useKnownPages(tenant: string, executionId: string, places: Place[]) {
  const client = useQueryClient();
  const queries = places.map(({ parent, page }) => ({
    ...taskRunsQuery(tenant, executionId, wantedAt(parent), page + 1),
    placeholderData: undefined,
  }));
  const results = useQueries({ queries });
  const stamp = results.map(({ dataUpdatedAt }) => dataUpdatedAt).join(" ");
  const known = useMemo(() => {
    void stamp;
    const pages = new Map<string, ListedTaskRun[]>();
    for (const place of places) {
      const { queryKey } = taskRunsQuery(tenant, executionId, wantedAt(place.parent), place.page + 1);
      const page = client.getQueryData<PageOf<ListedTaskRun>>(queryKey);
      if (page) pages.set(nameOf(place), page.results);
    }
    return pages;
  }, [client, tenant, executionId, places, stamp]);
  return { known, top: results[0]?.data?.total, error: results.find(({ error }) => error)?.error };
}

function wantedAt(parent: string) {
  return parent === TOP ? { top: true } : { parentTaskRunId: parent };
}

/** The row of the run that the address names; what stands around it is opened. */
function useWayTo(tenant: string, executionId: string, slots: Slot[], open: (way: Turned) => void): number {
  const [search] = useUrlState();
  const [named] = useState(search.run);
  const { data } = useQuery({
    ...taskRunQuery(tenant, executionId, named ?? ""),
    enabled: named !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [opened, setOpened] = useState(false);
  if (!data) return -1;
  if (!opened) {
    setOpened(true);
    open(closedOnTheWay(data.way));
  }
  const parent = data.way.at(-2)?.taskRunId ?? TOP;
  return rowOf(slots, parent, data.way.at(-1)?.index ?? 0);
}

/** Those around it, but for the one at the top, which stands open. */
function closedOnTheWay(way: { taskRunId: string; index: number }[]): Turned {
  return new Map(
    way.slice(1, -1).map(({ taskRunId, index }, step): [string, Place] => {
      const parent = way[step]?.taskRunId ?? TOP;
      return [taskRunId, { parent, page: Math.floor(index / RUNS_AT_ONCE) }];
    }),
  );
}

function reachOf({ state }: Execution, rows: ({ start: number; end: number | undefined } | undefined)[]) {
  const reach = {
    from: Date.parse(state.startDate),
    to: Date.parse(state.endDate ?? state.startDate),
    running: state.endDate === undefined,
  };
  for (const row of rows) {
    if (row) reach.to = Math.max(reach.to, row.end ?? 0);
  }
  return reach;
}

function distinct(places: Place[]): Place[] {
  return [...new Map(places.map((place) => [nameOf(place), place])).values()];
}

function namesOf(places: Place[]): string {
  return places.map(nameOf).join("\n");
}
