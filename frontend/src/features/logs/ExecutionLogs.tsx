/** The log of one execution: by level, task and text, following its end while it runs. */
import { Button, Checkbox, Select } from "@mantine/core";
import { IconDownload, IconFileText } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { filtersToSearch } from "@/api/query";
import type { Execution } from "@/api/types";
import { useTaskRuns } from "@/features/executions/taskRuns";
import { saveAddress } from "@/kit/download";
import { FilterBar, SearchFilter } from "@/kit/Filters";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { isTerminal } from "@/kit/states";
import { useWindow } from "@/kit/useWindow";
import { useTenant, useUrlState } from "@/url";
import { LogView, type ShownLine } from "./LogView";
import { filterLines, LEVELS, type LogFilter } from "./lines";
import { foldProgress } from "./progress";
import { fetchLines, LINES_AT_ONCE, lineFilters, linePlaceQuery, linesKey, useFreshLines } from "./queries";
import { useLiveLogs } from "./useLiveLogs";

/** Of more lines than these only those in view are fetched. */
const MOST_LINES = 5_000;
const MOST_CHOICES = 300;
const NOTHING = { q: undefined, level: undefined, task: undefined, run: undefined };

export function ExecutionLogs({ execution }: { execution: Execution }) {
  const [many] = useState(execution.lines > MOST_LINES);
  return many ? <ManyLines execution={execution} /> : <FewLines execution={execution} />;
}

function FewLines({ execution }: { execution: Execution }) {
  const tenant = useTenant();
  const filter = useFilter();
  const [grouped, setGrouped] = useState(false);
  const [wrap, setWrap] = useState(true);
  const { lines, ready, error } = useLiveLogs(tenant, execution.id, !isTerminal(execution.state.current));
  const { q, level, task, run } = filter;
  const folded = useMemo(() => foldProgress(lines), [lines]);
  const shown = useMemo(() => filterLines(folded, { q, level, task, run }), [folded, q, level, task, run]);
  return (
    <>
      <LogFilters
        execution={execution}
        shown={shown.length}
        total={folded.length}
        wrap={wrap}
        onWrap={setWrap}
        grouped={grouped}
        onGrouped={setGrouped}
      />
      {error && !ready && <Failure error={error} />}
      {!ready && !error && <RowsLoading rows={12} height={20} />}
      {ready && shown.length === 0 && <NoLines execution={execution} />}
      {shown.length > 0 && <Lines execution={execution} lines={shown} grouped={grouped} wrap={wrap} />}
    </>
  );
}

/** Only the lines in view are fetched, and the server looks for what is searched. */
function ManyLines({ execution }: { execution: Execution }) {
  const tenant = useTenant();
  const filter = useFilter();
  const [wrap, setWrap] = useState(true);
  const { rows, total, error, onView } = useWindow({
    queryKey: [...linesKey(tenant, execution.id), filter],
    fetchPage: (page) => fetchLines(tenant, execution.id, filter, page),
    size: LINES_AT_ONCE,
  });
  useFreshLines(tenant, execution);
  const linePlace = useLinePlace(tenant, execution.id, filter);
  return (
    <>
      <LogFilters
        execution={execution}
        shown={total ?? 0}
        total={execution.lines}
        wrap={wrap}
        onWrap={setWrap}
      />
      {error !== null && error !== undefined && total === undefined && <Failure error={error} />}
      {total === undefined && !error && <RowsLoading rows={12} height={20} />}
      {total === 0 && <NoLines execution={execution} />}
      {total !== undefined && total > 0 && (
        <Lines execution={execution} lines={rows} linePlace={linePlace} wrap={wrap} onView={onView} />
      )}
    </>
  );
}

/** Where the line stands that the address named at first; one that is chosen later is in view. */
function useLinePlace(tenant: string, executionId: string, filter: LogFilter): number | undefined {
  const [{ line }] = useUrlState();
  const [named] = useState(line);
  const query = linePlaceQuery(tenant, executionId, filter, Number(named));
  const { data } = useQuery({ ...query, enabled: named !== undefined });
  return named === undefined || named !== line ? undefined : (data ?? -1);
}

interface LinesProps {
  execution: Execution;
  linePlace?: number;
  lines: ShownLine[];
  grouped?: boolean;
  wrap: boolean;
  onView?: (first: number, last: number) => void;
}

function Lines({ execution, ...shown }: LinesProps) {
  const [search, setSearch] = useUrlState();
  const { q, level, task, run, line } = search;
  return (
    <LogView
      {...shown}
      version={[q, level, task, run].join(" ")}
      q={q}
      follow={!isTerminal(execution.state.current)}
      line={line === undefined ? undefined : Number(line)}
      onLine={(next) => setSearch({ line: String(next) === line ? undefined : String(next) })}
    />
  );
}

function useFilter(): LogFilter {
  const [{ q, level, task, run }] = useUrlState();
  return { q, level, task, run };
}

interface LogFiltersProps {
  execution: Execution;
  shown: number;
  total: number;
  wrap: boolean;
  onWrap: (wrap: boolean) => void;
  grouped?: boolean;
  /** Where all lines are at hand. */
  onGrouped?: (grouped: boolean) => void;
}

function LogFilters({ execution, shown, total, wrap, onWrap, grouped, onGrouped }: LogFiltersProps) {
  const tenant = useTenant();
  const [, setSearch] = useUrlState();
  const filter = useFilter();
  const { q, level, task, run } = filter;
  const [sought, setSought] = useState("");
  const tasks = useTaskChoices(tenant, execution, sought);
  const filtering = Boolean(q || level || task || run);
  return (
    <FilterBar onClear={filtering ? () => setSearch(NOTHING) : undefined}>
      <SearchFilter label="Search in the log" value={q} onChange={(text) => setSearch({ q: text })} />
      <Select
        size="xs"
        aria-label="Least level"
        placeholder="All levels"
        data={LEVELS.map((name) => ({
          value: name,
          label: name === "ERROR" ? "ERROR" : `${name} and above`,
        }))}
        value={level ?? null}
        onChange={(next) => setSearch({ level: next ?? undefined })}
        clearable
        w={150}
      />
      <Select
        size="xs"
        aria-label="Task"
        placeholder="All tasks"
        data={tasks}
        limit={MOST_CHOICES}
        value={run ?? (task ? `task:${task}` : null)}
        onChange={(next) =>
          setSearch(
            next?.startsWith("task:")
              ? { task: next.slice(5), run: undefined }
              : { task: undefined, run: next ?? undefined },
          )
        }
        searchable
        onSearchChange={setSought}
        clearable
        w={190}
      />
      {onGrouped && (
        <Checkbox size="xs" label="By task" checked={grouped} onChange={() => onGrouped(!grouped)} />
      )}
      <Checkbox size="xs" label="Wrap" checked={wrap} onChange={() => onWrap(!wrap)} />
      <span style={{ flex: 1 }} />
      <span className="numbers" style={{ fontSize: 12, color: "var(--mantine-color-dimmed)" }}>
        {shown === total ? total.toLocaleString() : `${shown.toLocaleString()} of ${total.toLocaleString()}`}{" "}
        lines
      </span>
      <Button
        variant="default"
        leftSection={<IconDownload size={14} />}
        title={filtering ? "Only the lines that match" : undefined}
        onClick={() => saveAddress(downloadAddress(tenant, execution.id, filter), `${execution.id}.log`)}
      >
        Download
      </Button>
    </FilterBar>
  );
}

function NoLines({ execution }: { execution: Execution }) {
  const { q, level, task, run } = useFilter();
  const over = isTerminal(execution.state.current);
  if (q || level || task || run) {
    return (
      <Empty icon={IconFileText} title="No line matches">
        Lower the level or clear the filters.
      </Empty>
    );
  }
  return (
    <Empty icon={IconFileText} title={over ? "Nothing was logged" : "Nothing logged yet"}>
      {over ? "The tasks of this execution wrote no line." : "Lines appear here as the tasks write them."}
    </Empty>
  );
}

function useTaskChoices(tenant: string, execution: Execution, sought: string) {
  const { taskRunList, taskRuns } = execution;
  const q = sought.replace(/^run of /, "").replace(" · ", " ") || undefined;
  const { runs } = useTaskRuns(tenant, execution, { q }, MOST_CHOICES);
  const tasks = new Set((taskRunList ?? taskRuns.tasks).map(({ taskId }) => taskId));
  const iterations = runs.filter(({ value }) => value !== undefined);
  const each = iterations.map(({ id, taskId, value }) => ({ value: id, label: `${taskId} · ${value}` }));
  const single = runs
    .filter(({ value }) => value === undefined)
    .map(({ id, taskId }) => ({ value: id, label: `run of ${taskId}` }));
  return [
    { group: "Tasks", items: [...tasks].map((task) => ({ value: `task:${task}`, label: task })) },
    { group: "Task runs", items: [...each, ...single] },
  ];
}

function downloadAddress(tenant: string, executionId: string, filter: LogFilter): string {
  const asked = filtersToSearch(lineFilters(filter));
  const [part, id] = [tenant, executionId].map(encodeURIComponent);
  return `/api/v1/${part}/logs/${id}/download${asked && `?${asked}`}`;
}
