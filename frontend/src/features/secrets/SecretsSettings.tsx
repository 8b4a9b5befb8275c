/** The part of a namespace's settings that says where its secrets are kept. */
import { Button, Group, Select, Stack, Switch, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError } from "@/api/errors";
import type { Namespace } from "@/api/types";
import { parseYaml, stringifyYaml } from "@/api/yaml";
import { isMap } from "@/features/files/files";
import { namespaceQuery, saveNamespace } from "@/features/namespaces/queries";
import { Section } from "@/kit/Facts";
import { done } from "@/kit/notify";
import { Refusal } from "@/kit/Refusal";
import { useTenant } from "@/url";
import { type Proposal, secretsPlaceQuery } from "./queries";
import { TryConnection } from "./SecretsPlace";

const PLACES = [
  { value: "built-in", label: "Our own database, encrypted" },
  { value: "vault", label: "HashiCorp Vault or OpenBao" },
  { value: "aws-secret-manager", label: "AWS Secrets Manager" },
  { value: "azure-key-vault", label: "Azure Key Vault" },
  { value: "google-secret-manager", label: "Google Secret Manager" },
  { value: "1password", label: "1Password Connect" },
  { value: "doppler", label: "Doppler" },
  { value: "cyberark", label: "CyberArk Conjur" },
  { value: "beyondtrust", label: "BeyondTrust Password Safe" },
  { value: "delinea", label: "Delinea Secret Server" },
  { value: "elasticsearch", label: "Elasticsearch" },
];

export function SecretsSettings({ id, namespace }: { id: string; namespace: Namespace | undefined }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const said = (namespace ?? {}) as Proposal;
  const [type, setType] = useState<string | null>(said.secretType ?? null);
  const [readOnly, setReadOnly] = useState(said.secretReadOnly ?? false);
  const [configuration, setConfiguration] = useState(() => asYaml(said.secretConfiguration));
  const [problem, setProblem] = useState<unknown>();

  const proposal = (): Proposal =>
    type
      ? { secretType: type, secretReadOnly: readOnly, secretConfiguration: asMap(configuration) }
      : { secretType: undefined, secretReadOnly: undefined, secretConfiguration: undefined };

  async function submit(event: FormEvent) {
    event.preventDefault();
    setProblem(undefined);
    try {
      await saveNamespace(tenant, { ...namespace, id, deleted: false, ...proposal() });
      await client.invalidateQueries({ queryKey: namespaceQuery(tenant, id).queryKey });
      await client.invalidateQueries({ queryKey: secretsPlaceQuery(tenant, id).queryKey });
      done("Settings saved");
    } catch (error) {
      setProblem(error);
    }
  }

  return (
    <Section title="Secrets">
      <form onSubmit={submit}>
        <Stack gap="md">
          {problem !== undefined && <Refusal error={problem} />}
          <Select
            label="Where secrets are kept"
            placeholder="As the namespace above, the tenant or the instance says"
            clearable
            data={PLACES}
            value={type}
            onChange={setType}
          />
          {type && type !== "built-in" && (
            <>
              <Textarea
                label="Configuration"
                description="YAML. What is secret in it is sealed when it is saved and shown as ****** from then on."
                autosize
                minRows={4}
                maxRows={20}
                value={configuration}
                onChange={(event) => setConfiguration(event.currentTarget.value)}
                styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
              />
              <Switch
                label="Secrets are only read there"
                checked={readOnly}
                onChange={(event) => setReadOnly(event.currentTarget.checked)}
              />
              <TryConnection namespace={id} proposal={proposal} />
            </>
          )}
          <Group justify="flex-end">
            <Button type="submit">Save</Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

export function asYaml(value: Record<string, unknown> | undefined): string {
  return value && Object.keys(value).length > 0 ? stringifyYaml(value) : "";
}

export function asMap(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseYaml(text) ?? {};
  } catch (error) {
    throw new ApiError(422, `The configuration is not valid YAML: ${String(error)}`);
  }
  if (!isMap(value)) throw new ApiError(422, "The configuration must be a map");
  return value;
}
