/** Lines of a log, any number of them: only those in view exist, and the view follows the end if one lets it. */
import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconArrowDown, IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { to } from "@/addresses";
import type { LogLine } from "@/api/types";
import { absoluteTime, clockTime } from "@/kit/time";
import { useTenant } from "@/url";
import classes from "./LogView.module.css";
import { groupLines, keyOfLine, type LogItem, plainMessage, splitMatches } from "./lines";

interface LogViewProps {
  lines: LogLine[];
  q?: string;
  grouped?: boolean;
  wrap?: boolean;
  /** Keep the end in view while lines arrive. */
  follow?: boolean;
  /** Name the execution of each line: for lines of many. */
  withExecution?: boolean;
  onEnd?: () => void;
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
  onEnd,
}: LogViewProps) {
  const [closed, setClosed] = useState(none);
  const [atEnd, setAtEnd] = useState(follow);
  const scroller = useRef<HTMLDivElement>(null);
  const items = useMemo<LogItem[]>(
    () => (grouped ? groupLines(lines, closed) : lines.map((line) => ({ kind: "line", line }))),
    [lines, grouped, closed],
  );
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 30,
    getItemKey: (index) => keyOfItem(items[index]) ?? index,
  });
  const shown = virtualizer.getVirtualItems();
  const last = shown[shown.length - 1]?.index ?? 0;
  const following = follow && atEnd;

  useEffect(() => {
    if (following && items.length > 0) virtualizer.scrollToIndex(items.length - 1, { align: "end" });
  }, [following, items.length, virtualizer]);
  useEffect(() => {
    if (items.length > 0 && last >= items.length - 5) onEnd?.();
  }, [last, items.length, onEnd]);

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
        <div className={classes.lines} style={{ height: virtualizer.getTotalSize() }}>
          {shown.map(({ key, index, start }) => {
            const item = items[index];
            return (
              item && (
                <div
                  key={key}
                  ref={virtualizer.measureElement}
                  data-index={index}
                  className={classes.item}
                  style={{ transform: `translateY(${start}px)` }}
                >
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
                    />
                  )}
                </div>
              )
            );
          })}
        </div>
      </section>
      {follow && !atEnd && (
        <Button
          className={classes.toEnd}
          leftSection={<IconArrowDown size={14} />}
          onClick={() => {
            setAtEnd(true);
            virtualizer.scrollToIndex(items.length - 1, { align: "end" });
          }}
        >
          Follow the end
        </Button>
      )}
    </div>
  );
}

interface LineProps {
  line: LogLine;
  q: string | undefined;
  wrap: boolean;
  withTask: boolean;
  withExecution?: boolean;
}

function Line({ line, q, wrap, withTask, withExecution }: LineProps) {
  const tenant = useTenant();
  return (
    <div className={classes.line} data-level={line.level} data-wrap={wrap || undefined}>
      <span className={classes.time}>
        {line.timestamp && (
          <Tooltip label={absoluteTime(line.timestamp)}>
            <time dateTime={line.timestamp}>{clockTime(line.timestamp)}</time>
          </Tooltip>
        )}
      </span>
      <span className={classes.level}>{line.level}</span>
      {withExecution && line.executionId && (
        <Link to={to.execution(tenant, line.executionId, "logs")} className={`${classes.task} link`}>
          {line.flowId}
        </Link>
      )}
      {withTask && line.taskId && <span className={classes.task}>{line.taskId}</span>}
      <span className={classes.message}>{highlighted(plainMessage(line), q)}</span>
    </div>
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

function keyOfItem(item: LogItem | undefined): string | number | undefined {
  if (!item) return undefined;
  return item.kind === "head" ? `head ${item.key}` : keyOfLine(item.line);
}

function toggled(set: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(key)) next.add(key);
  return next;
}
