/** The task runs that put something out, any number of them, to choose one from. */
import { TextInput, UnstyledButton } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { useTallList } from "@/kit/useTallList";
import classes from "./RunList.module.css";

export interface RunEntry {
  id: string;
  taskId: string;
  /** What the loop had in its hand. */
  value: string | undefined;
}

interface RunListProps {
  runs: RunEntry[];
  chosen: string | undefined;
  onChoose: (id: string) => void;
}

const ROW = 30;
/** From so many on it is quicker to search than to look. */
const MANY = 12;

export function RunList({ runs, chosen, onChoose }: RunListProps) {
  const [text, setText] = useState("");
  const scroller = useRef<HTMLElement>(null);
  const shown = useMemo(() => matching(runs, text), [runs, text]);
  const list = useTallList({ scroller, count: shown.length, estimate: ROW, version: text });
  useChosenInView(shown, chosen, list.show);
  return (
    <div className={classes.side}>
      {runs.length > MANY && (
        <TextInput
          size="xs"
          aria-label="Search task runs"
          placeholder={`Search ${runs.length.toLocaleString()} task runs`}
          leftSection={<IconSearch size={13} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          className={classes.search}
        />
      )}
      <nav ref={scroller} className={classes.list} aria-label="Task runs with outputs" onKeyDown={walk}>
        <div style={{ height: list.total, position: "relative" }}>
          <div ref={list.rows} className={classes.window} style={{ transform: `translateY(${list.top}px)` }}>
            {shown.slice(list.first, list.last + 1).map((run, offset) => (
              <UnstyledButton
                key={run.id}
                data-index={list.first + offset}
                className={classes.entry}
                aria-current={run.id === chosen ? "true" : undefined}
                onClick={() => onChoose(run.id)}
              >
                {run.taskId} {run.value !== undefined && <span className={classes.value}>{run.value}</span>}
              </UnstyledButton>
            ))}
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
function useChosenInView(runs: RunEntry[], chosen: string | undefined, show: (index: number) => void): void {
  const shown = useRef<string>(undefined);
  useEffect(() => {
    if (!chosen || shown.current === chosen) return;
    const index = runs.findIndex(({ id }) => id === chosen);
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
