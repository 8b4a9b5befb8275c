/** Executions counted by when they started: buckets of a round length of time. */
import type { ExecutionRow } from "@/api/types";
import { type Tone, toneOf } from "@/kit/states";

export interface Bucket {
  from: number;
  to: number;
  total: number;
  tones: Partial<Record<Tone, number>>;
}

/** From the bottom of a bar to its top. */
export const STACK: Tone[] = ["good", "busy", "wait", "calm", "warn", "bad"];

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WIDTHS = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7, 14, 28].map((count) => count * DAY),
];

export function widthFor(span: number, wanted: number): number {
  return WIDTHS.find((width) => span / width <= wanted) ?? Math.ceil(span / wanted / DAY) * DAY;
}

/** Every bucket from `from` to `to`, also the empty ones; rows outside are left out. */
export function bucketsOf(rows: ExecutionRow[], from: number, to: number, wanted: number): Bucket[] {
  const width = widthFor(Math.max(1, to - from), wanted - 1);
  const first = Math.floor(from / width) * width;
  const count = Math.floor((to - first) / width) + 1;
  const buckets = Array.from({ length: count }, (_, index): Bucket => {
    const start = first + index * width;
    return { from: start, to: start + width, total: 0, tones: {} };
  });
  for (const { state } of rows) {
    const bucket = buckets[Math.floor((startOf(state) - first) / width)];
    if (!bucket) continue;
    const tone = toneOf(state.current);
    bucket.total += 1;
    bucket.tones[tone] = (bucket.tones[tone] ?? 0) + 1;
  }
  return buckets;
}

export function startOf({ startDate, histories }: ExecutionRow["state"]): number {
  return Date.parse(startDate ?? histories?.[0]?.date ?? "");
}

/** The oldest start among the rows, for a chart that reaches as far back as they do. */
export function oldestStart(rows: ExecutionRow[]): number | undefined {
  const starts = rows.map(({ state }) => startOf(state)).filter((start) => !Number.isNaN(start));
  return starts.length > 0 ? starts.reduce((a, b) => Math.min(a, b)) : undefined;
}

/** The value that `share` of the sorted values do not exceed. */
export function quantile(values: number[], share: number): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
}
