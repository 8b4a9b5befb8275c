/** The task runs that put something out, any number of them, to choose one from. Some may not be known yet. */
import { TextInput, UnstyledButton } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { useTallList } from "@/kit/useTallList";
import classes from "./RunList.module.css";

export interface RunEntry {
  id: string;
  taskId: string;
  /** What the loop had in its hand. */
  value?: string | undefined;
}

interface RunListProps {
  /** Those that the search finds. */
  runs: (RunEntry | undefined)[];
  /** How many there are to search in. */
  total: number;
  text: string;
  onText: (text: string) => void;
  onView?: (first: number, last: number) => void;
  chosen: string | undefined;
  onChoose: (id: string) => void;
}

const ROW = 30;
/** From so many on it is quicker to search than to look. */
const MANY = 12;

export function RunList({ runs: shown, total, text, onText, onView, chosen, onChoose }: RunListProps) {
  const scroller = useRef<HTMLElement>(null);
  const list = useTallList({ scroller, count: shown.length, estimate: ROW, version: text });
  useChosenInView(shown, chosen, list.show);
  const { first, last } = list;
  useEffect(() => onView?.(first, last), [onView, first, last]);
  return (
    <div className={classes.side}>
      {total > MANY && (
        <TextInput
          size="xs"
          aria-label="Search task runs"
          placeholder={`Search ${total.toLocaleString()} task runs`}
          leftSection={<IconSearch size={13} />}
          value={text}
          onChange={(event) => onText(event.currentTarget.value)}
          className={classes.search}
        />
      )}
      <nav ref={scroller} className={classes.list} aria-label="Task runs with outputs" onKeyDown={walk}>
        <div style={{ height: list.total, position: "relative" }}>
          <div ref={list.rows} className={classes.window} style={{ transform: `translateY(${list.top}px)` }}>
            {Array.from({ length: Math.max(0, last - first + 1) }, (_, offset) => {
              const index = first + offset;
              const run = shown[index];
              if (!run) return <div key={index} data-index={index} style={{ height: ROW }} />;
              return (
                <UnstyledButton
                  key={run.id}
                  data-index={index}
                  className={classes.entry}
                  aria-current={run.id === chosen ? "true" : undefined}
                  onClick={() => onChoose(run.id)}
                >
                  {run.taskId} {run.value !== undefined && <span className={classes.value}>{run.value}</span>}
                </UnstyledButton>
              );
            })}
          </div>
        </div>
        {shown.length === 0 && <p className={classes.none}>None matches</p>}
      </nav>
    </div>
  );
}

export function matching(runs: RunEntry[], text: string): RunEntry[] {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return runs;
  return runs.filter(({ taskId, value }) => `${taskId} ${value ?? ""}`.toLowerCase().includes(wanted));
}

/** An address may name a run that stands far down. */
function useChosenInView(
  runs: (RunEntry | undefined)[],
  chosen: string | undefined,
  show: (index: number) => void,
): void {
  const shown = useRef<string>(undefined);
  useEffect(() => {
    if (!chosen || shown.current === chosen) return;
    const index = runs.findIndex((run) => run?.id === chosen);
    if (index < 0) return;
    if (shown.current === undefined && index > 0) show(index);
    shown.current = chosen;
  }, [runs, chosen, show]);
}

/** The arrows go from entry to entry. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" } as const;
  const way = step[event.key as keyof typeof step];
  const next = way && (event.target as HTMLElement)[way];
  if (!(next instanceof HTMLElement)) return;
  event.preventDefault();
  next.focus();
}
