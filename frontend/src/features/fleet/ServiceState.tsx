/** The state of a process of the instance, and why it cannot be shown. */
import { Badge } from "@mantine/core";
import { isStatus } from "@/api/errors";
import { Failure } from "@/kit/Notices";
import classes from "./WorkerGroups.module.css";

export function ServiceState({ state = "" }: { state?: string }) {
  const color =
    state === "RUNNING" ? "green" : state === "CREATED" || state === "MAINTENANCE" ? "gray" : "red";
  return (
    <Badge variant="dot" color={color} size="sm" tt="none" fw={500} className={classes.state}>
      {state.toLowerCase().replaceAll("_", " ")}
    </Badge>
  );
}

export function Problem({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (isStatus(error, 404)) return <p className={classes.dim}>This instance does not report it.</p>;
  return <Failure error={error} onRetry={onRetry} />;
}
