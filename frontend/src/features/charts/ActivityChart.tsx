/** The executions that a list shows, by when they started. */
import { useMediaQuery } from "@mantine/hooks";
import { useMemo } from "react";
import type { Search } from "@/url";
import { useActivity } from "./activity";
import { bucketsOf } from "./buckets";
import { StackedBars } from "./StackedBars";
import classes from "./StackedBars.module.css";

interface ActivityChartProps {
  tenant: string;
  search: Search;
  onPick?: (from: number, to: number) => void;
}

export function ActivityChart({ tenant, search, onPick }: ActivityChartProps) {
  const narrow = useMediaQuery("(max-width: 640px)", undefined, { getInitialValueInEffect: false });
  const { data, isPending } = useActivity(tenant, search, narrow ? 36 : 80);
  const buckets = useMemo(() => (data ? bucketsOf(data) : []), [data]);
  if (isPending) return <div className={classes.wait} />;
  if (!data || data.total === 0) return null;
  return (
    <StackedBars
      buckets={buckets}
      label="Executions over time"
      caption={`${data.total.toLocaleString()} ${data.total === 1 ? "execution" : "executions"}`}
      onPick={onPick && ((bucket) => onPick(bucket.from, bucket.to))}
    />
  );
}
