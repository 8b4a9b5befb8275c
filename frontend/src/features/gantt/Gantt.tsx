/** When each task run waited and worked; bars grow while they run. */
import { ActionIcon } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { IconChevronDown, IconChevronRight, IconHourglass } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Execution } from "@/api/types";
import { Empty } from "@/kit/Notices";
import { StateDot } from "@/kit/StateBadge";
import { isTerminal } from "@/kit/states";
import { spanText } from "@/kit/time";
import { useRunningNow } from "@/kit/useNow";
import { useTallList } from "@/kit/useTallList";
import { Took } from "@/kit/When";
import { useUrlState } from "@/url";
import classes from "./Gantt.module.css";
import { type GanttRow, ganttReach, ganttRows, ganttSpan, segmentsOf, ticks } from "./rows";
import { TaskRunDetail } from "./TaskRunDetail";

const ROW_HEIGHT = 30;
const TICK_WIDTH = 110;
/** What the label of a tick needs to the right of it. */
const LABEL_WIDTH = 52;

export function Gantt({ execution }: { execution: Execution }) {
  const runs = execution.taskRunList ?? [];
  const running = !isTerminal(execution.state.current);
  const now = useRunningNow(running);
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const [search, setSearch] = useUrlState();
  const [opened, setOpened] = useState<ReadonlySet<string>>(() => new Set(search.run ? [search.run] : []));
  const rows = useMemo(
    () => ganttRows(execution.taskRunList ?? [], collapsed),
    [execution.taskRunList, collapsed],
  );
  const reach = useMemo(() => ganttReach(execution.taskRunList ?? []), [execution.taskRunList]);
  const span = ganttSpan(reach, now);
  const scroller = useRef<HTMLDivElement>(null);
  const { ref: axis, width } = useElementSize();
  const list = useTallList({
    scroller,
    count: rows.length,
    estimate: ROW_HEIGHT,
    version: `${collapsed.size}`,
  });

  /** The address names the run that was opened last. */
  function open(id: string) {
    setSearch({ run: opened.has(id) ? undefined : id });
    setOpened(toggled(opened, id));
  }
  const [named] = useState(search.run);
  const index = named === undefined ? -1 : rows.findIndex(({ run }) => run.id === named);
  const { show } = list;
  useEffect(() => {
    if (index > 0) show(index);
  }, [index, show]);

  if (runs.length === 0) {
    return (
      <Empty icon={IconHourglass} title={running ? "No task has started yet" : "No task ran"}>
        {running && "The first bar appears as soon as a worker takes the first task."}
      </Empty>
    );
  }
  return (
    <div ref={scroller} className={classes.scroller}>
      <div role="treegrid" aria-label="Task runs over time" aria-rowcount={rows.length}>
        <div role="row" className={`${classes.line} ${classes.head}`} tabIndex={-1}>
          <div role="columnheader">Task</div>
          <div role="columnheader" className={classes.took}>
            Duration
          </div>
          <div role="columnheader" ref={axis} className={classes.axis} aria-label="Time since the start">
            {ticks(span.to - span.from, Math.max(2, width / TICK_WIDTH)).map((tick) => (
              <span
                key={tick}
                className={classes.tick}
                data-edge={width * (1 - tick / (span.to - span.from)) < LABEL_WIDTH || undefined}
                style={{ left: `${(tick / (span.to - span.from)) * 100}%` }}
              >
                {spanText(tick)}
              </span>
            ))}
          </div>
        </div>
        <div role="rowgroup" style={{ height: list.total, position: "relative" }}>
          <div ref={list.rows} className={classes.window} style={{ transform: `translateY(${list.top}px)` }}>
            {rows.slice(list.first, list.last + 1).map((row, offset) => {
              const { id } = row.run;
              return (
                <div key={id} data-index={list.first + offset}>
                  <BarRow
                    row={row}
                    span={span}
                    now={now}
                    collapsed={collapsed.has(id)}
                    onCollapse={() => setCollapsed(toggled(collapsed, id))}
                    opened={opened.has(id)}
                    onOpen={() => open(id)}
                  />
                  {opened.has(id) && (
                    <div role="row" tabIndex={-1}>
                      <div role="gridcell">
                        <TaskRunDetail execution={execution} run={row.run} />
                      </div>
                    </div>
                  )}
                </div>
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
}

interface BarRowProps {
  row: GanttRow;
  span: { from: number; to: number };
  now: number;
  collapsed: boolean;
  onCollapse: () => void;
  opened: boolean;
  onOpen: () => void;
}

function BarRow({ row, span, now, collapsed, onCollapse, opened, onOpen }: BarRowProps) {
  const { run, depth, children } = row;
  const Chevron = collapsed ? IconChevronRight : IconChevronDown;
  const length = span.to - span.from;
  return (
    <div
      role="row"
      className={classes.line}
      aria-level={depth + 1}
      tabIndex={-1}
      data-opened={opened || undefined}
    >
      <div role="gridcell" className={classes.name} style={{ paddingLeft: 8 + Math.min(depth, 8) * 16 }}>
        {children > 0 ? (
          <ActionIcon
            size={18}
            aria-label={
              collapsed ? `Show ${children} task runs in ${run.taskId}` : `Hide what is in ${run.taskId}`
            }
            onClick={onCollapse}
          >
            <Chevron size={13} />
          </ActionIcon>
        ) : (
          <span className={classes.gap} />
        )}
        <StateDot state={run.state.current} />
        <button type="button" className={classes.task} onClick={onOpen} aria-expanded={opened}>
          {run.taskId} {run.value !== undefined && <span className={classes.value}>{run.value}</span>}
          {collapsed && <span className={classes.value}>{children}</span>}
        </button>
      </div>
      <div role="gridcell" className={classes.took}>
        <Took state={run.state} />
      </div>
      <div role="gridcell" className={classes.track}>
        {segmentsOf(run, now).map(({ from, to, tone, waiting }, index) => (
          <span
            key={index}
            className={classes.bar}
            data-tone={tone}
            data-waiting={waiting || undefined}
            style={{
              left: `${((from - span.from) / length) * 100}%`,
              width: `max(2px, ${((Math.max(to, from) - from) / length) * 100}%)`,
            }}
          />
        ))}
      </div>
    </div>
  );
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}
