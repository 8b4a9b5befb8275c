/** What is wrong, in words; each leads to its line. */
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import classes from "./ProblemList.module.css";
import type { Mark } from "./problems";
import type { Problems } from "./useProblems";

export function ProblemList({
  problems,
  onGoTo,
}: {
  problems: Problems;
  onGoTo: (position: number) => void;
}) {
  const { marks, settled } = problems;
  return (
    <section className={classes.list} aria-label="Problems" aria-live="polite">
      {marks.length === 0 && (
        <p className={classes.fine}>
          <IconCircleCheck size={14} /> {settled ? "No problems" : "Checking…"}
        </p>
      )}
      {marks.map((mark, index) => (
        <button key={index} type="button" className={classes.problem} onClick={() => onGoTo(mark.from)}>
          <Icon severity={mark.severity} />
          <span className={classes.line}>Line {mark.line}</span>
          <span>{mark.message}</span>
        </button>
      ))}
    </section>
  );
}

function Icon({ severity }: { severity: Mark["severity"] }) {
  return severity === "error" ? (
    <IconCircleX size={14} className={classes.error} aria-label="Error" />
  ) : (
    <IconAlertTriangle size={14} className={classes.warning} aria-label="Warning" />
  );
}
