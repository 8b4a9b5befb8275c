/** Labels as small key:value marks. */
import { Tooltip } from "@mantine/core";
import type { Label } from "@/api/types";
import classes from "./Labels.module.css";

interface LabelsProps {
  labels: Label[] | Record<string, unknown> | undefined;
  /** How many to show before the rest becomes a number. */
  limit?: number;
  /** Keep to one line, cutting what does not fit. */
  oneLine?: boolean;
}

export function Labels({ labels, limit = 20, oneLine }: LabelsProps) {
  const list = labelList(labels);
  const rest = list.slice(limit);
  return (
    <span className={classes.labels} data-line={oneLine || undefined}>
      {list.slice(0, limit).map(({ key, value }) => (
        <span key={key} className={classes.label} title={oneLine ? `${key}: ${value}` : undefined}>
          <span className={classes.key}>{key}</span>
          {value}
        </span>
      ))}
      {rest.length > 0 && (
        <Tooltip label={rest.map(({ key, value }) => `${key}: ${value}`).join(", ")}>
          <span className={classes.label} data-rest>
            +{rest.length}
          </span>
        </Tooltip>
      )}
    </span>
  );
}

/** Flows hold labels as a map, executions as a list; labels of the system are left out. */
export function labelList(labels: LabelsProps["labels"]): Label[] {
  if (!labels) return [];
  const list = Array.isArray(labels)
    ? labels
    : Object.entries(labels).map(([key, value]) => ({ key, value: String(value) }));
  return list.filter(({ key }) => !key.startsWith("system."));
}
