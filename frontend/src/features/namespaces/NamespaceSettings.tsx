/** What a namespace says to everything in it: its description, its variables, its plugin defaults. */
import { Alert, Button, Group, Stack, Textarea } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError } from "@/api/errors";
import type { Namespace } from "@/api/types";
import { parseYaml, stringifyYaml } from "@/api/yaml";
import { isMap } from "@/features/files/files";
import { Retention } from "@/features/retention/Retention";
import { SecretsSettings } from "@/features/secrets/SecretsSettings";
import { StorageSettings } from "@/features/storage/StorageSettings";
import { Section } from "@/kit/Facts";
import { done } from "@/kit/notify";
import { Refusal } from "@/kit/Refusal";
import { useTenant } from "@/url";
import classes from "./NamespaceSettings.module.css";
import { namespaceQuery, saveNamespace } from "./queries";
import { DefaultFacts, surroundingsQuery, VariableFacts } from "./Surroundings";

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
  const [defaults, setDefaults] = useState(() => defaultsYaml(namespace));
  const [problem, setProblem] = useState<unknown>();

  async function submit(event: FormEvent) {
    event.preventDefault();
    setProblem(undefined);
    try {
      const pluginDefaults = asDefaults(defaults);
      const next = {
        ...namespace,
        id,
        deleted: false,
        description,
        variables: asMap(variables),
        pluginDefaults,
      };
      await saveNamespace(tenant, next);
      await client.invalidateQueries({ queryKey: namespaceQuery(tenant, id).queryKey });
      await client.invalidateQueries({ queryKey: surroundingsQuery(tenant, id).queryKey });
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
            <Textarea
              label="Plugin defaults"
              description="A YAML list: values for every task of a type in this namespace and below. A forced one wins over what a flow says itself."
              placeholder={EXAMPLE}
              autosize
              minRows={4}
              maxRows={20}
              value={defaults}
              onChange={(event) => setDefaults(event.currentTarget.value)}
              styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
            />
            <Group justify="flex-end">
              <Button type="submit">Save</Button>
            </Group>
          </Stack>
        </form>
      </Section>
      <SecretsSettings id={id} namespace={namespace} />
      <StorageSettings id={id} namespace={namespace} />
      <Retention tenant={tenant} namespace={id} />
      {id.includes(".") && <Inherited tenant={tenant} id={id} />}
    </div>
  );
}

/** What the namespaces above give, unless this one says something else. */
function Inherited({ tenant, id }: { tenant: string; id: string }) {
  const query = useQuery(surroundingsQuery(tenant, id));
  const variables = (query.data?.variables ?? []).filter(
    ({ namespace, hiddenBy }) => namespace !== id && !hiddenBy,
  );
  const defaults = (query.data?.pluginDefaults ?? []).filter(({ namespace }) => namespace !== id);
  return (
    <>
      {variables.length > 0 && (
        <Section title="Variables from above">
          <VariableFacts tenant={tenant} variables={variables} />
        </Section>
      )}
      {defaults.length > 0 && (
        <Section title="Plugin defaults from above">
          <DefaultFacts tenant={tenant} defaults={defaults} />
        </Section>
      )}
    </>
  );
}

const EXAMPLE = `- type: io.kestra.plugin.core.http.Request
  forced: false
  values:
    timeout: PT30S`;

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

function defaultsYaml(namespace: Namespace | undefined): string {
  const defaults = (namespace as { pluginDefaults?: unknown[] } | undefined)?.pluginDefaults;
  return defaults && defaults.length > 0 ? stringifyYaml(defaults) : "";
}

function asDefaults(text: string): Record<string, unknown>[] {
  let value: unknown;
  try {
    value = parseYaml(text) ?? [];
  } catch (error) {
    throw new ApiError(422, `The plugin defaults are not valid YAML: ${String(error)}`);
  }
  if (!Array.isArray(value) || !value.every(isMap)) {
    throw new ApiError(422, "The plugin defaults must be a list of maps, each with a type and values");
  }
  return value;
}
