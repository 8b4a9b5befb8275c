/** The part of a namespace's settings that says where its files are kept. */
import { Button, Group, Select, Stack, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Namespace } from "@/api/types";
import { namespaceQuery, saveNamespace } from "@/features/namespaces/queries";
import { asMap, asYaml } from "@/features/secrets/SecretsSettings";
import { Section } from "@/kit/Facts";
import { done } from "@/kit/notify";
import { Refusal } from "@/kit/Refusal";
import { useTenant } from "@/url";

const PLACES = [
  { value: "s3", label: "A bucket of S3" },
  { value: "minio", label: "A bucket of MinIO" },
  { value: "gcs", label: "A bucket of Google Cloud Storage" },
  { value: "azure", label: "A container of Azure Blob Storage" },
];

const EXAMPLES: Record<string, string> = {
  s3: "bucket: team-files\nregion: eu-central-1\naccessKey: ...\nsecretKey: ...",
  minio: "bucket: team-files\nendpoint: minio.example.com\nport: 9000\naccessKey: ...\nsecretKey: ...",
  gcs: "bucket: team-files\nserviceAccount: |\n  {...}",
  azure: "container: team-files\nconnectionString: ...",
};

interface Said {
  storageType?: string;
  storageConfiguration?: Record<string, unknown>;
}

export function StorageSettings({ id, namespace }: { id: string; namespace: Namespace | undefined }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const said = (namespace ?? {}) as Said;
  const [type, setType] = useState<string | null>(said.storageType ?? null);
  const [configuration, setConfiguration] = useState(() => asYaml(said.storageConfiguration));
  const [problem, setProblem] = useState<unknown>();

  async function submit(event: FormEvent) {
    event.preventDefault();
    setProblem(undefined);
    try {
      const proposal: Said = type
        ? { storageType: type, storageConfiguration: asMap(configuration) }
        : { storageType: undefined, storageConfiguration: undefined };
      await saveNamespace(tenant, { ...namespace, id, deleted: false, ...proposal });
      await client.invalidateQueries({ queryKey: namespaceQuery(tenant, id).queryKey });
      done("Settings saved");
    } catch (error) {
      setProblem(error);
    }
  }

  return (
    <Section title="Files">
      <form onSubmit={submit}>
        <Stack gap="md">
          {problem !== undefined && <Refusal error={problem} />}
          <Select
            label="Where files are kept"
            description="Files that are there already are found where they are, until the operator moves them."
            placeholder="As the namespace above, the tenant or the instance says"
            clearable
            data={PLACES}
            value={type}
            onChange={setType}
          />
          {type && (
            <Textarea
              label="Configuration of the storage"
              description="YAML. What is secret in it is sealed when it is saved and shown as ****** from then on."
              placeholder={EXAMPLES[type]}
              autosize
              minRows={4}
              maxRows={20}
              value={configuration}
              onChange={(event) => setConfiguration(event.currentTarget.value)}
              styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
            />
          )}
          <Group justify="flex-end">
            <Button type="submit">Save</Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
