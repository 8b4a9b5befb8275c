/** The executions that a list shows, by when they started. */
import { useMediaQuery } from "@mantine/hooks";
import { useMemo } from "react";
import { parseDuration } from "@/kit/time";
import { useNow } from "@/kit/useNow";
import type { Search } from "@/url";
import { useActivity } from "./activity";
import { bucketsOf, oldestStart } from "./buckets";
import { StackedBars } from "./StackedBars";
import classes from "./StackedBars.module.css";

interface ActivityChartProps {
  tenant: string;
  search: Search;
  onPick?: (from: number, to: number) => void;
}

export function ActivityChart({ tenant, search, onPick }: ActivityChartProps) {
  const narrow = useMediaQuery("(max-width: 640px)", undefined, { getInitialValueInEffect: false });
  const now = useNow();
  const { data } = useActivity(tenant, search);
  const rows = data?.results;
  const buckets = useMemo(() => {
    if (!rows) return [];
    const { from, to } = spanOf(search, now, oldestStart(rows), rows.length < (data?.total ?? 0));
    return bucketsOf(rows, from, to, narrow ? 36 : 80);
  }, [rows, data?.total, search, now, narrow]);
  if (!rows) return <div className={classes.wait} />;
  if (rows.length === 0) return null;
  return (
    <StackedBars
      buckets={buckets}
      label="Executions over time"
      caption={captionOf(rows.length, data?.total)}
      onPick={onPick && ((bucket) => onPick(bucket.from, bucket.to))}
    />
  );
}

/** What was asked for, unless more executions match than are counted: then as far back as those reach. */
function spanOf(search: Search, now: number, oldest: number | undefined, cut: boolean) {
  const range = parseDuration(search.range ?? "");
  const asked = search.from ? Number(search.from) : range === undefined ? undefined : now - range;
  const to = search.to ? Math.min(Number(search.to), now) : now;
  const from = cut || asked === undefined ? (oldest ?? to - 60_000) : asked;
  return { from: Math.min(from, to), to };
}

function captionOf(counted: number, total = counted): string {
  const all = total.toLocaleString();
  if (counted < total) return `the newest ${counted} of ${all} executions`;
  return total === 1 ? "1 execution" : `${all} executions`;
}
