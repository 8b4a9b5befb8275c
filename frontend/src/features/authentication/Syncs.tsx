/** When everybody was compared with a directory, what differed, and that it is done now. */
import { Button, Group } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Section } from "@/kit/Facts";
import { Failure } from "@/kit/Notices";
import { failed } from "@/kit/notify";
import { When } from "@/kit/When";
import classes from "./Authentication.module.css";
import { askForSync, isGoing, type Owner, syncsQuery } from "./queries";
import { SyncDiff } from "./SyncDiff";

const STATES: Record<string, string> = {
  QUEUED: "waits",
  RUNNING: "goes on",
  DONE: "done",
  HELD: "held back",
  FAILED: "failed",
};

export function Syncs({ owner, id }: { owner: Owner; id: string }) {
  const client = useQueryClient();
  const query = useQuery(syncsQuery(owner, id));
  const [shown, setShown] = useState<string>();
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  const runs = query.data ?? [];
  const busy = runs.some(isGoing);
  const ask = (dryRun: boolean, force = false) =>
    askForSync(owner, id, dryRun, force)
      .then((run) => setShown(run.id))
      .then(() => client.invalidateQueries({ queryKey: syncsQuery(owner, id).queryKey }))
      .catch(failed);
  const open = runs.find((run) => run.id === shown) ?? runs[0];
  return (
    <Section
      title="Everybody"
      aside={
        <Group gap="xs">
          <Button variant="default" disabled={busy} onClick={() => ask(true)}>
            Show what would change
          </Button>
          <Button variant="default" disabled={busy} onClick={() => ask(false)}>
            Compare now
          </Button>
          {open?.state === "HELD" && (
            <Button color="red" variant="light" disabled={busy} onClick={() => ask(false, true)}>
              Let them leave
            </Button>
          )}
        </Group>
      }
    >
      {runs.length === 0 && <p className={classes.dim}>Nobody has been compared yet.</p>}
      <ul className={classes.outcomes} aria-label="Comparisons">
        {runs.map((run) => (
          <li key={run.id}>
            <Button size="compact-sm" variant="subtle" onClick={() => setShown(run.id)}>
              <When date={run.askedAt} />
            </Button>{" "}
            {run.dryRun ? "only shown" : STATES[run.state]}
            {run.dryRun && run.state !== "DONE" ? `, ${STATES[run.state]}` : ""}: {countsOf(run.counts)}
            {run.problem && <strong> {run.problem}</strong>}
          </li>
        ))}
      </ul>
      {open && !isGoing(open) && <SyncDiff owner={owner} id={id} run={open.id} />}
    </Section>
  );
}

function countsOf(counts: Record<string, number>): string {
  const told = Object.entries(counts).filter(([, count]) => count > 0);
  return told.map(([kind, count]) => `${count} ${kind}`).join(", ") || "nothing";
}
