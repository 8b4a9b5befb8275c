/** Paste claims, an LDAP entry or a SCIM body: see the groups, roles and rights that would follow. */
import { Button, Stack, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { ProviderSimulation } from "@/api/types";
import { Section } from "@/kit/Facts";
import { Refusal } from "@/kit/Refusal";
import classes from "./Authentication.module.css";
import { Outcomes } from "./Outcomes";
import { pasted } from "./pasted";
import { type Owner, simulate } from "./queries";

const EXAMPLE = '{\n  "groups": ["/engineering/platform"]\n}';

export function Simulator({ owner, id }: { owner: Owner; id: string }) {
  const [text, setText] = useState(EXAMPLE);
  const [result, setResult] = useState<ProviderSimulation>();
  const [problem, setProblem] = useState<unknown>();

  async function submit(event: FormEvent) {
    event.preventDefault();
    setProblem(undefined);
    try {
      setResult(await simulate(owner, id, pasted(text)));
    } catch (error) {
      setResult(undefined);
      setProblem(error);
    }
  }

  return (
    <Section title="What would follow?">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Textarea
            label="Claims as JSON, an LDAP entry as LDIF, or a SCIM body"
            autosize
            minRows={4}
            maxRows={16}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
          />
          {problem !== undefined && <Refusal error={problem} />}
          <Button type="submit" variant="default" style={{ alignSelf: "start" }}>
            Try the rules
          </Button>
        </Stack>
      </form>
      {result && <Outcomes rules={result.rules} />}
      {result?.tenants.map(({ id: tenant, groups }) => (
        <ul key={tenant} className={classes.outcomes} aria-label={`Groups in ${tenant}`}>
          {groups.map(({ name, exists, roles }) => (
            <li key={name}>
              <strong>{name}</strong> in {tenant}
              {!exists && <span className={classes.dim}> (made when it is first met)</span>}:{" "}
              {roles.length === 0
                ? "no role is bound to it"
                : roles
                    .map((role) => `${role.name}${role.namespace ? ` in ${role.namespace}` : ""}`)
                    .join(", ")}
            </li>
          ))}
        </ul>
      ))}
    </Section>
  );
}
