/** Lines of a log, any number of them: only those in view exist, and the view follows the end if one lets it. */
import { ActionIcon, Button } from "@mantine/core";
import { IconArrowDown, IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { memo, type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { to } from "@/addresses";
import type { LogLine } from "@/api/types";
import { absoluteTime, clockTime } from "@/kit/time";
import { useTallList } from "@/kit/useTallList";
import { useTenant } from "@/url";
import classes from "./LogView.module.css";
import { groupLines, keyOfItem, type LogItem, plainMessage, splitMatches } from "./lines";

/** Undefined where it is not known yet. */
export type ShownLine = LogLine | undefined;

interface LogViewProps {
  lines: ShownLine[];
  q?: string;
  grouped?: boolean;
  wrap?: boolean;
  /** Keep the end in view while lines arrive. */
  follow?: boolean;
  /** Name the execution of each line: for lines of many. */
  withExecution?: boolean;
  /** The line that the address names: brought into view and marked. */
  line?: number;
  /** Where it stands, if that is known before the line is; negative while it is not. */
  linePlace?: number;
  onLine?: (line: number) => void;
  /** Another value says that these are other lines, not the same ones and more. */
  version?: string;
  onEnd?: () => void;
  onView?: (first: number, last: number) => void;
}

const LINE_HEIGHT = 20;
const NEAR_END = 40;
const none: ReadonlySet<string> = new Set();

export function LogView({
  lines,
  q,
  grouped,
  wrap = true,
  follow = false,
  withExecution,
  line: named,
  linePlace,
  onLine,
  version = "",
  onEnd,
  onView,
}: LogViewProps) {
  const [closed, setClosed] = useState(none);
  const [atEnd, setAtEnd] = useState(follow && named === undefined);
  const [seen, setSeen] = useState(lines.length);
  const scroller = useRef<HTMLDivElement>(null);
  const groups = useMemo(
    () => (grouped ? groupLines(known(lines), closed) : undefined),
    [lines, grouped, closed],
  );
  const count = groups?.length ?? lines.length;
  const itemAt = (index: number): LogItem | undefined => groups?.[index] ?? lineItem(lines[index]);
  const list = useTallList({
    scroller,
    count,
    estimate: LINE_HEIGHT,
    version: `${version} ${wrap} ${grouped} ${closed.size}`,
  });
  const following = follow && atEnd;
  if (following && seen !== lines.length) setSeen(lines.length);
  useNamedLine(lines, named, linePlace, (line) => list.show(groups ? indexIn(groups, lines[line]) : line));

  useLayoutEffect(() => {
    const box = scroller.current;
    if (following && box && list.total > 0) box.scrollTop = box.scrollHeight;
  }, [following, list.total]);
  useEffect(() => {
    if (count > 0 && list.last >= count - 5) onEnd?.();
  }, [list.last, count, onEnd]);

  const { first, last } = list;
  useEffect(() => onView?.(first, last), [onView, first, last]);

  function onScroll() {
    const box = scroller.current;
    if (box) setAtEnd(box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END);
  }

  return (
    <div className={classes.frame}>
      <section
        ref={scroller}
        className={classes.scroller}
        onScroll={onScroll}
        tabIndex={0}
        aria-label="Log lines"
      >
        <div className={classes.lines} style={{ height: list.total }}>
          <div ref={list.rows} className={classes.window} style={{ transform: `translateY(${list.top}px)` }}>
            {Array.from({ length: Math.max(0, list.last - list.first + 1) }, (_, offset) => {
              const index = list.first + offset;
              const item = itemAt(index);
              if (!item) {
                return <div key={index} data-index={index} style={{ height: LINE_HEIGHT }} />;
              }
              return (
                <div key={keyOfItem(item)} data-index={index}>
                  {item.kind === "head" ? (
                    <Head
                      item={item}
                      closed={closed.has(item.key)}
                      onToggle={() => setClosed((before) => toggled(before, item.key))}
                    />
                  ) : (
                    <Line
                      line={item.line}
                      q={q}
                      wrap={wrap}
                      withTask={!grouped}
                      withExecution={withExecution}
                      named={named !== undefined && item.line.seq === named}
                      onName={onLine}
                    />
                  )}
                </div>
              );
            })}
          </div>
        </div>
      </section>
      {follow && !atEnd && (
        <Button
          className={classes.toEnd}
          leftSection={<IconArrowDown size={14} />}
          onClick={() => setAtEnd(true)}
        >
          {lines.length > seen ? `${(lines.length - seen).toLocaleString()} new` : "Follow the end"}
        </Button>
      )}
    </div>
  );
}

/** Brings the line into view once, when it is there; from then on one scrolls oneself. */
function useNamedLine(
  lines: ShownLine[],
  named: number | undefined,
  place: number | undefined,
  show: (index: number) => void,
): void {
  const shown = useRef<number>(undefined);
  useEffect(() => {
    if (named === undefined || shown.current === named) return;
    const index = place ?? lines.findIndex((line) => line?.seq === named);
    if (index < 0) return;
    shown.current = named;
    show(index);
  });
}

function lineItem(line: ShownLine): LogItem | undefined {
  return line && { kind: "line", line };
}

function known(lines: ShownLine[]): LogLine[] {
  return lines.filter((line) => line !== undefined);
}

/** Where a line stands under its heading. */
function indexIn(items: LogItem[], line: ShownLine): number {
  return items.findIndex((item) => item.kind === "line" && item.line === line);
}

interface LineProps {
  line: LogLine;
  q: string | undefined;
  wrap: boolean;
  withTask: boolean;
  withExecution?: boolean;
  named: boolean;
  onName?: (line: number) => void;
}

const Line = memo(function Line({ line, q, wrap, withTask, withExecution, named, onName }: LineProps) {
  const tenant = useTenant();
  return (
    <div
      className={classes.line}
      data-level={line.level}
      data-wrap={wrap || undefined}
      data-named={named || undefined}
    >
      <span className={classes.time}>{line.timestamp && <Stamp line={line} onName={onName} />}</span>
      <span className={classes.level}>{line.level}</span>
      {withExecution && line.executionId && (
        <Link
          to={to.execution(tenant, line.executionId, "logs")}
          search={{ line: String(line.seq) } as never}
          className={`${classes.task} link`}
        >
          {line.flowId}
        </Link>
      )}
      {withTask && line.taskId && <span className={classes.task}>{line.taskId}</span>}
      <span className={classes.message}>{highlighted(plainMessage(line), q)}</span>
    </div>
  );
});

/** A tooltip of the kit for each of a hundred lines would cost more than the lines. */
function Stamp({ line, onName }: { line: LogLine; onName?: (line: number) => void }) {
  const { timestamp = "", seq } = line;
  const time = (
    <time dateTime={timestamp} title={absoluteTime(timestamp)}>
      {clockTime(timestamp)}
    </time>
  );
  if (!onName) return time;
  return (
    <button
      type="button"
      tabIndex={-1}
      className={classes.stamp}
      aria-label={`Link to line ${seq}`}
      onClick={() => onName(seq)}
    >
      {time}
    </button>
  );
}

interface HeadProps {
  item: Extract<LogItem, { kind: "head" }>;
  closed: boolean;
  onToggle: () => void;
}

function Head({ item, closed, onToggle }: HeadProps) {
  const Chevron = closed ? IconChevronRight : IconChevronDown;
  return (
    <div className={classes.head}>
      <ActionIcon size={18} onClick={onToggle} aria-expanded={!closed} aria-label={`Lines of ${item.taskId}`}>
        <Chevron size={13} />
      </ActionIcon>
      <strong>{item.taskId}</strong>
      <span className={classes.count}>{item.count}</span>
    </div>
  );
}

function highlighted(text: string, q: string | undefined): ReactNode {
  const parts = splitMatches(text, q);
  if (parts.length === 1) return text;
  return parts.map((part, index) => (index % 2 ? <mark key={index}>{part}</mark> : part));
}

function toggled(set: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(key)) next.add(key);
  return next;
}
