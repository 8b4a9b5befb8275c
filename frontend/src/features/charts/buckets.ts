/** Counts of executions by when they started, as bars. */
import { type Tone, toneOf } from "@/kit/states";
import type { Counted } from "./activity";

export interface Bucket {
  from: number;
  to: number;
  total: number;
  tones: Partial<Record<Tone, number>>;
}

/** From the bottom of a bar to its top. */
export const STACK: Tone[] = ["good", "busy", "wait", "calm", "warn", "bad"];

/** Every interval from the one that `from` is in to the one that `to` is in, also the empty ones. */
export function bucketsOf({
  from,
  to,
  interval,
  counts,
}: Pick<Counted, "from" | "to" | "interval" | "counts">): Bucket[] {
  if (!interval) return [];
  const width = interval * 1000;
  const first = Math.floor(from / width) * width;
  const count = Math.floor((to - first) / width) + 1;
  const buckets = Array.from({ length: count }, (_, index): Bucket => {
    const start = first + index * width;
    return { from: start, to: start + width, total: 0, tones: {} };
  });
  for (const each of counts) {
    const bucket = buckets[Math.floor((Date.parse(each.start) - first) / width)];
    if (!bucket) continue;
    const tone = toneOf(each.state);
    bucket.total += each.count;
    bucket.tones[tone] = (bucket.tones[tone] ?? 0) + each.count;
  }
  return buckets;
}

/** The value that `share` of the sorted values do not exceed. */
export function quantile(values: number[], share: number): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
}
