/** What each rule saw, and what it gave. */
import type { RuleOutcome } from "@/api/types";
import classes from "./Authentication.module.css";

export function Outcomes({ rules }: { rules: RuleOutcome[] }) {
  if (rules.length === 0) return <p className={classes.dim}>There are no rules: no group follows.</p>;
  return (
    <ol className={classes.outcomes} aria-label="Rule by rule">
      {rules.map(({ rule, seen, matched, groups }, at) => (
        <li key={at}>
          <code>{String(rule.claim)}</code> {wordOf(String(rule.match))}{" "}
          <code>{String(rule.value ?? "")}</code>:{" "}
          {seen.length === 0 ? "the claim is absent" : `saw ${seen.join(", ")}`}
          {matched.length > 0 ? (
            <strong> → {groups.join(", ")}</strong>
          ) : (
            <span className={classes.dim}> → no group</span>
          )}
        </li>
      ))}
    </ol>
  );
}

function wordOf(match: string): string {
  return { equals: "is", glob: "is like", any: "has any value" }[match] ?? match;
}
