/** Where the secrets of a namespace are kept, how that place does, and what of it works when it is tried. */
import { Alert, Badge, Button, Group } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Refusal } from "@/kit/Refusal";
import classes from "@/kit/StoreList.module.css";
import { useTenant } from "@/url";
import { type Proposal, secretsPlaceQuery, type TriedAct, trySecrets } from "./queries";

export function SecretsPlace({ namespace }: { namespace: string }) {
  const tenant = useTenant();
  const { data: place } = useQuery(secretsPlaceQuery(tenant, namespace));
  if (!place || (place.type === "built-in" && place.level === "instance")) return null;
  const said = place.level === "instance" ? "the instance" : place.saidBy;
  return (
    <>
      <Group gap="xs">
        <span className={classes.dim}>
          Kept in {place.type}, as {said} says
        </span>
        {place.readOnly && <Badge variant="light">Read only</Badge>}
        {place.state !== "unknown" && (
          <Badge variant="light" color={place.state === "ok" ? "green" : "red"}>
            {place.state === "ok" ? "Works" : "Fails"}
          </Badge>
        )}
      </Group>
      {place.message && (
        <Alert color="red" variant="light" title="These secrets cannot be reached">
          {place.message}
        </Alert>
      )}
      {place.type !== "built-in" && <TryConnection namespace={namespace} />}
    </>
  );
}

const WORDS: Record<TriedAct["outcome"], string> = {
  works: "works",
  refused: "is refused",
  failed: "failed",
  leftOut: "was left out",
};

/** Tries what is proposed, or what is in force. */
export function TryConnection({ namespace, proposal }: { namespace: string; proposal?: () => Proposal }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const [results, setResults] = useState<TriedAct[]>();
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);

  async function attempt() {
    setBusy(true);
    setProblem(undefined);
    setResults(undefined);
    try {
      setResults((await trySecrets(tenant, namespace, proposal?.() ?? {})).results);
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
    await client.invalidateQueries({ queryKey: secretsPlaceQuery(tenant, namespace).queryKey });
  }

  return (
    <>
      <Group>
        <Button variant="default" loading={busy} onClick={attempt}>
          Test connection
        </Button>
      </Group>
      {problem !== undefined && <Refusal error={problem} />}
      {results && (
        <ul aria-label="What works">
          {results.map(({ act, outcome, message }) => (
            <li key={act}>
              <b>{act}</b> {WORDS[outcome]}: {message}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
