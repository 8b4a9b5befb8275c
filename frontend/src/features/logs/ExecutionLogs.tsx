/** The log of one execution: by level, task and text, following its end while it runs. */
import { Button, Checkbox, Select } from "@mantine/core";
import { IconDownload, IconFileText } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { type Filter, filtersToSearch } from "@/api/query";
import type { Execution } from "@/api/types";
import { saveAddress } from "@/kit/download";
import { FilterBar, SearchFilter } from "@/kit/Filters";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { isTerminal } from "@/kit/states";
import { useTenant, useUrlState } from "@/url";
import { LogView } from "./LogView";
import { filterLines, LEVELS, type LogFilter } from "./lines";
import { foldProgress } from "./progress";
import { useLiveLogs } from "./useLiveLogs";

const NOTHING = { q: undefined, level: undefined, task: undefined, run: undefined };

export function ExecutionLogs({ execution }: { execution: Execution }) {
  const tenant = useTenant();
  const [search, setSearch] = useUrlState();
  const [grouped, setGrouped] = useState(false);
  const [wrap, setWrap] = useState(true);
  const { lines, ready, error } = useLiveLogs(tenant, execution.id, !isTerminal(execution.state.current));
  const { q, level, task, run, line } = search;
  const folded = useMemo(() => foldProgress(lines), [lines]);
  const shown = useMemo(() => filterLines(folded, { q, level, task, run }), [folded, q, level, task, run]);
  const tasks = useMemo(() => taskChoices(execution), [execution]);
  const filtering = Boolean(q || level || task || run);

  return (
    <>
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
          limit={300}
          value={run ?? (task ? `task:${task}` : null)}
          onChange={(next) =>
            setSearch(
              next?.startsWith("task:")
                ? { task: next.slice(5), run: undefined }
                : { task: undefined, run: next ?? undefined },
            )
          }
          searchable
          clearable
          w={190}
        />
        <Checkbox size="xs" label="By task" checked={grouped} onChange={() => setGrouped(!grouped)} />
        <Checkbox size="xs" label="Wrap" checked={wrap} onChange={() => setWrap(!wrap)} />
        <span style={{ flex: 1 }} />
        <span className="numbers" style={{ fontSize: 12, color: "var(--mantine-color-dimmed)" }}>
          {shown.length === folded.length ? folded.length : `${shown.length} of ${folded.length}`} lines
        </span>
        <Button
          variant="default"
          leftSection={<IconDownload size={14} />}
          title={filtering ? "Only the lines that match" : undefined}
          onClick={() =>
            saveAddress(downloadAddress(tenant, execution.id, { q, level, task, run }), `${execution.id}.log`)
          }
        >
          Download
        </Button>
      </FilterBar>
      {error && !ready && <Failure error={error} />}
      {!ready && !error && <RowsLoading rows={12} height={20} />}
      {ready && shown.length === 0 && (
        <NoLines filtering={filtering} over={isTerminal(execution.state.current)} />
      )}
      {shown.length > 0 && (
        <LogView
          lines={shown}
          version={[q, level, task, run].join(" ")}
          q={q}
          grouped={grouped}
          wrap={wrap}
          follow={!isTerminal(execution.state.current)}
          line={line === undefined ? undefined : Number(line)}
          onLine={(next) => setSearch({ line: String(next) === line ? undefined : String(next) })}
        />
      )}
    </>
  );
}

function NoLines({ filtering, over }: { filtering: boolean; over: boolean }) {
  if (filtering) {
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

function taskChoices(execution: Execution) {
  const runs = execution.taskRunList ?? [];
  const tasks = [...new Set(runs.map(({ taskId }) => taskId))];
  const iterations = runs.filter(({ value }) => value !== undefined);
  const each = iterations.map(({ id, taskId, value }) => ({ value: id, label: `${taskId} · ${value}` }));
  const single = runs
    .filter(({ value }) => value === undefined)
    .map(({ id, taskId }) => ({ value: id, label: `run of ${taskId}` }));
  return [
    { group: "Tasks", items: tasks.map((task) => ({ value: `task:${task}`, label: task })) },
    { group: "Task runs", items: [...each, ...single] },
  ];
}

function downloadAddress(tenant: string, executionId: string, { q, level, task, run }: LogFilter): string {
  const filters: Filter[] = [];
  if (q) filters.push({ field: "q", operation: "EQUALS", value: q });
  if (level) filters.push({ field: "level", operation: "GREATER_THAN_OR_EQUAL_TO", value: level });
  if (task) filters.push({ field: "taskId", operation: "EQUALS", value: task });
  if (run) filters.push({ field: "taskRunId", operation: "EQUALS", value: run });
  const asked = filtersToSearch(filters);
  const [part, id] = [tenant, executionId].map(encodeURIComponent);
  return `/api/v1/${part}/logs/${id}/download${asked && `?${asked}`}`;
}
