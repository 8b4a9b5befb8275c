/** The secrets of a namespace by name; a value goes in and is never shown again. */
import { ActionIcon, Button, Group, Modal, PasswordInput, Stack, TextInput, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconKey, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { SecretRow } from "@/api/types";
import { Refusal } from "@/features/inputs/ExecuteDialog";
import { CopyText } from "@/kit/CopyText";
import { confirm } from "@/kit/confirm";
import { type Column, DataTable } from "@/kit/DataTable";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { useTenant } from "@/url";
import { deleteSecret, inheritedSecretsQuery, putSecret, secretsQuery } from "./queries";
import classes from "./stores.module.css";

export function Secrets({ namespace }: { namespace: string }) {
  const tenant = useTenant();
  const secrets = useQuery(secretsQuery(tenant, namespace));
  const [opened, dialog] = useDisclosure();
  const [changing, setChanging] = useState<SecretRow>();
  const edit = (secret?: SecretRow) => {
    setChanging(secret);
    dialog.open();
  };
  if (secrets.isError) return <Failure error={secrets.error} onRetry={secrets.refetch} />;
  if (!secrets.data) return <RowsLoading rows={5} height={40} />;
  const rows = secrets.data.results;
  const add = !secrets.data.readOnly && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => edit()}>
      New secret
    </Button>
  );
  return (
    <>
      {rows.length === 0 ? (
        <Empty icon={IconKey} title="No secret in this namespace" actions={add}>
          A flow here or below reads one as <code>{"{{ secret('NAME') }}"}</code>. Its value reaches the task
          that asks for it and is never shown.
        </Empty>
      ) : (
        <>
          <div className={classes.bar}>{add}</div>
          <DataTable
            label="Secrets"
            columns={columns(tenant, namespace, edit)}
            rows={rows}
            rowKey={({ key = "" }) => key}
            rowName={({ key = "" }) => key}
          />
        </>
      )}
      <Inherited tenant={tenant} namespace={namespace} />
      <Modal
        opened={opened}
        onClose={dialog.close}
        title={changing ? `New value of ${changing.key}` : "New secret"}
      >
        <SecretForm tenant={tenant} namespace={namespace} known={changing} onClose={dialog.close} />
      </Modal>
    </>
  );
}

function columns(tenant: string, namespace: string, edit: (secret: SecretRow) => void): Column<SecretRow>[] {
  return [
    {
      id: "key",
      header: "Name",
      width: "minmax(130px, 2fr)",
      cell: ({ key = "" }) => (
        <span className={classes.name}>
          <span className="mono">{key}</span>
          <CopyText value={`{{ secret('${key}') }}`} label={`Copy ${key} as expression`} />
        </span>
      ),
    },
    {
      id: "description",
      header: "Description",
      width: "minmax(100px, 3fr)",
      hide: "narrow",
      cell: ({ description }) => <span className={classes.dim}>{description}</span>,
    },
    {
      id: "actions",
      header: "",
      width: "84px",
      align: "end",
      cell: ({ key = "", ...rest }) => (
        <>
          <Tooltip label="Give it a new value">
            <ActionIcon aria-label={`Change ${key}`} onClick={() => edit({ key, ...rest })}>
              <IconPencil size={15} />
            </ActionIcon>
          </Tooltip>
          <DeleteSecret tenant={tenant} namespace={namespace} name={key} />
        </>
      ),
    },
  ];
}

function DeleteSecret({ tenant, namespace, name }: { tenant: string; namespace: string; name: string }) {
  const client = useQueryClient();
  const ask = () =>
    confirm({
      title: "Delete secret",
      name,
      text: "Flows that ask for it fail from then on. Its value cannot be brought back.",
      verb: "Delete",
      typed: true,
      run: async () => {
        await deleteSecret(tenant, namespace, name);
        await client.invalidateQueries({ queryKey: secretsQuery(tenant, namespace).queryKey });
        done(`${name} deleted`);
      },
    });
  return (
    <ActionIcon aria-label={`Delete ${name}`} onClick={ask}>
      <IconTrash size={15} />
    </ActionIcon>
  );
}

interface SecretFormProps {
  tenant: string;
  namespace: string;
  /** Set when an existing one gets a new value. */
  known: SecretRow | undefined;
  onClose: () => void;
}

function SecretForm({ tenant, namespace, known, onClose }: SecretFormProps) {
  const client = useQueryClient();
  const [draft, setDraft] = useState({
    key: known?.key ?? "",
    value: "",
    description: known?.description ?? "",
  });
  const [problem, setProblem] = useState<unknown>();
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });

  async function submit(event: FormEvent) {
    event.preventDefault();
    try {
      await putSecret(tenant, namespace, draft);
      await client.invalidateQueries({ queryKey: secretsQuery(tenant, namespace).queryKey });
      done(`${draft.key} saved`);
      onClose();
    } catch (error) {
      setProblem(error);
    }
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        {problem !== undefined && <Refusal error={problem} />}
        <TextInput
          label="Name"
          placeholder="DB_PASSWORD"
          required
          disabled={known !== undefined}
          value={draft.key}
          onChange={(event) => set({ key: event.currentTarget.value })}
          data-autofocus={known === undefined || undefined}
        />
        <PasswordInput
          label="Value"
          required
          autoComplete="off"
          value={draft.value}
          onChange={(event) => set({ value: event.currentTarget.value })}
          data-autofocus={known !== undefined || undefined}
        />
        <TextInput
          label="Description"
          value={draft.description}
          onChange={(event) => set({ description: event.currentTarget.value })}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit">Save</Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What the namespaces above lend. */
function Inherited({ tenant, namespace }: { tenant: string; namespace: string }) {
  const inherited = useQuery(inheritedSecretsQuery(tenant, namespace));
  const lent = Object.entries(inherited.data ?? {}).filter(
    ([from, keys]) => from !== namespace && keys.length > 0,
  );
  if (lent.length === 0) return null;
  return (
    <p className={classes.dim}>
      From above: {lent.map(([from, keys]) => `${keys.join(", ")} (${from})`).join("; ")}
    </p>
  );
}
