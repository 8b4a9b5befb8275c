/** Bars over time, of rows of which some may not be known yet. */
import { ActionIcon } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import type { Execution } from "@/api/types";
import { StateDot } from "@/kit/StateBadge";
import { spanText } from "@/kit/time";
import { useRunningNow } from "@/kit/useNow";
import { useTallList } from "@/kit/useTallList";
import { Took } from "@/kit/When";
import { useUrlState } from "@/url";
import classes from "./Gantt.module.css";
import { type GanttRow, ganttSpan, type Reach, segmentsOf, ticks } from "./rows";
import { TaskRunDetail } from "./TaskRunDetail";

const ROW_HEIGHT = 30;
const TICK_WIDTH = 110;
/** What the label of a tick needs to the right of it. */
const LABEL_WIDTH = 52;

interface ChartProps {
  execution: Execution;
  rows: (GanttRow | undefined)[];
  reach: Reach;
  isCollapsed: (row: GanttRow) => boolean;
  onCollapse: (row: GanttRow) => void;
  /** Another value says that other rows are shown. */
  version: string;
  /** The row that is to be brought into view; negative while it is not there. */
  wanted: number;
  onView?: (first: number, last: number) => void;
}

export function Chart(props: ChartProps) {
  const { execution, rows, reach, isCollapsed, onCollapse, version, wanted, onView } = props;
  const now = useRunningNow(reach.running);
  const [opened, open] = useOpened();
  const span = ganttSpan(reach, now);
  const scroller = useRef<HTMLDivElement>(null);
  const { ref: axis, width } = useElementSize();
  const list = useTallList({ scroller, count: rows.length, estimate: ROW_HEIGHT, version });
  const { show, first, last } = list;
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (shown || wanted < 0) return;
    setShown(true);
    if (wanted > 0) show(wanted);
  }, [wanted, shown, show]);
  useEffect(() => onView?.(first, last), [onView, first, last]);

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
            {Array.from({ length: Math.max(0, last - first + 1) }, (_, offset) => {
              const index = first + offset;
              const row = rows[index];
              if (!row) return <div key={index} data-index={index} className={classes.line} />;
              const { id } = row.run;
              return (
                <div key={id} data-index={index}>
                  <BarRow
                    row={row}
                    span={span}
                    now={now}
                    collapsed={isCollapsed(row)}
                    onCollapse={() => onCollapse(row)}
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
              collapsed
                ? `Show ${children.toLocaleString()} task runs in ${run.taskId}`
                : `Hide what is in ${run.taskId}`
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
          {collapsed && children > 0 && <span className={classes.value}>{children.toLocaleString()}</span>}
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

/** The runs whose details are shown; the address names the one that was opened last. */
function useOpened(): [ReadonlySet<string>, (id: string) => void] {
  const [search, setSearch] = useUrlState();
  const [opened, setOpened] = useState<ReadonlySet<string>>(() => new Set(search.run ? [search.run] : []));
  const open = (id: string) => {
    setSearch({ run: opened.has(id) ? undefined : id });
    setOpened(toggled(opened, id));
  };
  return [opened, open];
}

export function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}
