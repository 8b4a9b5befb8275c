/** Says whether what one sees is live. */
import { Tooltip } from "@mantine/core";
import type { Status } from "@/live/connection";
import { useLiveStatus } from "@/live/LiveProvider";
import classes from "./LiveBadge.module.css";

const WORDS: Record<Exclude<Status, "idle">, [string, string]> = {
  live: ["Live", "Changes arrive as they happen."],
  reconnecting: ["Reconnecting", "The live connection was lost; what was missed is fetched when it is back."],
  offline: ["Offline", "The server cannot be reached. The page heals itself when it can."],
};

export function LiveBadge() {
  const status = useLiveStatus();
  if (status === "idle") return null;
  const [word, meaning] = WORDS[status];
  return (
    <Tooltip label={meaning}>
      <span className={classes.badge} data-status={status} role="status">
        <span className={classes.dot} aria-hidden />
        <span className={classes.word}>{word}</span>
      </span>
    </Tooltip>
  );
}
