/** Counts how often something that was over has begun again, so that it is watched again. */
import { useState } from "react";

/** `running` is undefined while it is not known. */
export function useRounds(running: boolean | undefined): number {
  const [seen, setSeen] = useState({ running, round: 0 });
  if (seen.running !== running) {
    const again = seen.running === false && running === true;
    setSeen({ running, round: again ? seen.round + 1 : seen.round });
  }
  return seen.round;
}
