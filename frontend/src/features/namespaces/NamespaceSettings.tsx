/** What a namespace says to everything in it: its description and its variables. */
import { Alert, Button, Group, Stack, Textarea } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, call } from "@/api/client";
import { ApiError } from "@/api/errors";
import type { Namespace } from "@/api/types";
import { parseYaml, stringifyYaml } from "@/api/yaml";
import { isMap } from "@/features/files/files";
import { Facts, Section } from "@/kit/Facts";
import { done } from "@/kit/notify";
import { Refusal } from "@/kit/Refusal";
import { Value } from "@/kit/Value";
import { useTenant } from "@/url";
import classes from "./NamespaceSettings.module.css";
import { createNamespace, namespaceQuery, updateNamespace } from "./queries";

interface NamespaceSettingsProps {
  id: string;
  /** Absent when it exists only because flows are in it. */
  namespace: Namespace | undefined;
}

export function NamespaceSettings({ id, namespace }: NamespaceSettingsProps) {
  const tenant = useTenant();
  const client = useQueryClient();
  const [description, setDescription] = useState(namespace?.description ?? "");
  const [variables, setVariables] = useState(() => asYaml(namespace?.variables));
  const [problem, setProblem] = useState<unknown>();

  async function submit(event: FormEvent) {
    event.preventDefault();
    setProblem(undefined);
    try {
      const next = { ...namespace, id, deleted: false, description, variables: asMap(variables) };
      await (namespace ? updateNamespace(tenant, next) : createNamespace(tenant, next));
      await client.invalidateQueries({ queryKey: namespaceQuery(tenant, id).queryKey });
      done("Settings saved");
    } catch (error) {
      setProblem(error);
    }
  }

  return (
    <div className={classes.page}>
      <Section title="Settings">
        <form onSubmit={submit}>
          <Stack gap="md">
            {!namespace && (
              <Alert variant="light" color="ink">
                This namespace exists because flows are in it. Saving settings creates it for itself.
              </Alert>
            )}
            {problem !== undefined && <Refusal error={problem} />}
            <Textarea
              label="Description"
              autosize
              minRows={2}
              value={description}
              onChange={(event) => setDescription(event.currentTarget.value)}
            />
            <Textarea
              label="Variables"
              description="YAML; flows in this namespace and below read them as {{ namespace.name }}."
              autosize
              minRows={4}
              maxRows={20}
              value={variables}
              onChange={(event) => setVariables(event.currentTarget.value)}
              styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
            />
            <Group justify="flex-end">
              <Button type="submit">Save</Button>
            </Group>
          </Stack>
        </form>
      </Section>
      {id.includes(".") && <Inherited tenant={tenant} id={id} own={namespace?.variables ?? {}} />}
    </div>
  );
}

interface InheritedProps {
  tenant: string;
  id: string;
  /** What the namespace says itself hides what is said above it. */
  own: Record<string, unknown>;
}

function Inherited({ tenant, id, own }: InheritedProps) {
  const query = useQuery({
    queryKey: [tenant, "namespace", id, "inherited"],
    queryFn: () =>
      call<Record<string, unknown>>(
        api.GET("/api/v1/{tenant}/namespaces/{id}/inherited-variables", { params: { path: { tenant, id } } }),
      ),
  });
  const entries = Object.entries(query.data ?? {}).filter(([name]) => !(name in own));
  if (entries.length === 0) return null;
  return (
    <Section title="Variables from above">
      <Facts facts={entries.map(([name, value]) => ({ name, value: <Value value={value} /> }))} />
    </Section>
  );
}

function asYaml(variables: Record<string, unknown> | undefined): string {
  return variables && Object.keys(variables).length > 0 ? stringifyYaml(variables) : "";
}

function asMap(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseYaml(text) ?? {};
  } catch (error) {
    throw new ApiError(422, `The variables are not valid YAML: ${String(error)}`);
  }
  if (!isMap(value)) throw new ApiError(422, "The variables must be a map");
  return value;
}
