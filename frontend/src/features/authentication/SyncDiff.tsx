/** Who joined, changed and left in one comparison, and which groups were made. */
import { useQuery } from "@tanstack/react-query";
import type { DirectorySync } from "@/api/types";
import classes from "./Authentication.module.css";
import { type Owner, syncQuery } from "./queries";

type Diff = NonNullable<DirectorySync["diff"]>;
type Person = NonNullable<Diff["joined"]>[number];

const KINDS = [
  ["joined", "Join"],
  ["changed", "Change"],
  ["left", "Leave"],
  ["refused", "Left out"],
] as const;

export function SyncDiff({ owner, id, run }: { owner: Owner; id: string; run: string }) {
  const query = useQuery(syncQuery(owner, id, run));
  const diff = query.data?.diff;
  if (!diff) return null;
  const groups = Object.entries(diff.groups ?? {});
  return (
    <>
      {groups.map(([tenant, names]) => (
        <p key={tenant}>
          <strong>New groups in {tenant}:</strong> {names.join(", ")}
        </p>
      ))}
      {KINDS.map(([kind, title]) => {
        const people = diff[kind] ?? [];
        if (people.length === 0) return null;
        return (
          <div key={kind}>
            <strong>{title}</strong>
            <ul className={classes.outcomes} aria-label={title}>
              {people.map((person, at) => (
                <li key={at}>
                  {person.email || person.entry} <span className={classes.dim}>{describe(person)}</span>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </>
  );
}

/** What differs of one person, in a line. */
export function describe(person: Person): string {
  const changes = Object.entries(person.after ?? {}).map(
    ([name, value]) => `${name.replace("_", " ")}: ${person.before?.[name] ?? ""} → ${value}`,
  );
  const moves = (sign: string, moved: Record<string, string[]> | undefined) =>
    Object.entries(moved ?? {}).flatMap(([tenant, names]) =>
      names.length > 0 ? names.map((name) => `${sign}${name} in ${tenant}`) : [`${sign}${tenant}`],
    );
  const parts = [...changes, ...moves("+", person.gained), ...moves("−", person.lost)];
  if (person.outcome === "link") parts.unshift("an account that is there is linked");
  if (person.outcome === "return") parts.unshift("is back");
  if (person.reason) parts.push(person.reason);
  return parts.join(", ");
}
