/** The key-value pairs of a namespace: small things that flows keep from one execution to the next. */
import { ActionIcon, Button, Group, Modal, Stack, Textarea, TextInput, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDatabase, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { PairRow } from "@/api/types";
import { Refusal } from "@/features/inputs/ExecuteDialog";
import { CopyText } from "@/kit/CopyText";
import { confirm } from "@/kit/confirm";
import { type Column, DataTable } from "@/kit/DataTable";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { valueText } from "@/kit/Value";
import { When } from "@/kit/When";
import { useTenant } from "@/url";
import { deletePair, pairQuery, pairsQuery, putPair } from "./queries";
import classes from "./stores.module.css";

export function Pairs({ namespace }: { namespace: string }) {
  const tenant = useTenant();
  const pairs = useQuery(pairsQuery(tenant, namespace));
  const [opened, dialog] = useDisclosure();
  const [changing, setChanging] = useState<string>();
  const edit = (key?: string) => {
    setChanging(key);
    dialog.open();
  };
  if (pairs.isError) return <Failure error={pairs.error} onRetry={pairs.refetch} />;
  if (!pairs.data) return <RowsLoading rows={5} height={40} />;
  const rows = pairs.data.results;
  const add = (
    <Button leftSection={<IconPlus size={14} />} onClick={() => edit()}>
      New pair
    </Button>
  );
  return (
    <>
      {rows.length === 0 ? (
        <Empty icon={IconDatabase} title="No pair in this namespace" actions={add}>
          A flow here or below reads one as <code>{"{{ kv('name') }}"}</code>, and a task may write it.
        </Empty>
      ) : (
        <>
          <div className={classes.bar}>{add}</div>
          <DataTable
            label="Key-value pairs"
            columns={columns(tenant, namespace, edit)}
            rows={rows}
            rowKey={({ key = "" }) => key}
            rowName={({ key = "" }) => key}
          />
        </>
      )}
      <Modal opened={opened} onClose={dialog.close} title={changing ? `Change ${changing}` : "New pair"}>
        <PairDialog tenant={tenant} namespace={namespace} known={changing} onClose={dialog.close} />
      </Modal>
    </>
  );
}

function columns(tenant: string, namespace: string, edit: (key: string) => void): Column<PairRow>[] {
  return [
    {
      id: "key",
      header: "Key",
      width: "minmax(120px, 2fr)",
      cell: ({ key = "" }) => (
        <span className={classes.name}>
          <span className="mono">{key}</span>
          <CopyText value={`{{ kv('${key}') }}`} label={`Copy ${key} as expression`} />
        </span>
      ),
    },
    {
      id: "value",
      header: "Value",
      width: "minmax(110px, 3fr)",
      cell: ({ key = "" }) => <ShownValue tenant={tenant} namespace={namespace} name={key} />,
    },
    {
      id: "updated",
      header: "Changed",
      width: "120px",
      hide: "narrow",
      cell: ({ updateDate }) => <When date={updateDate ?? undefined} />,
    },
    {
      id: "expires",
      header: "Expires",
      width: "120px",
      hide: "medium",
      cell: ({ expirationDate }) => (expirationDate ? <When date={expirationDate} /> : "Never"),
    },
    {
      id: "actions",
      header: "",
      width: "84px",
      align: "end",
      cell: ({ key = "" }) => (
        <>
          <Tooltip label="Change the value">
            <ActionIcon aria-label={`Change ${key}`} onClick={() => edit(key)}>
              <IconPencil size={15} />
            </ActionIcon>
          </Tooltip>
          <DeletePair tenant={tenant} namespace={namespace} name={key} />
        </>
      ),
    },
  ];
}

interface OnePair {
  tenant: string;
  namespace: string;
  name: string;
}

/** Only rows in view ask for their value. */
function ShownValue({ tenant, namespace, name }: OnePair) {
  const pair = useQuery(pairQuery(tenant, namespace, name));
  if (pair.isError) return <span className={classes.dim}>not readable</span>;
  if (!pair.data) return null;
  return (
    <span className={classes.name}>
      <code>{shortened(pair.data.value)}</code>
      <CopyText value={valueText(pair.data.value)} label={`Copy the value of ${name}`} />
    </span>
  );
}

function shortened(value: unknown): string {
  const text = valueText(value).replaceAll(/\s+/g, " ");
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function DeletePair({ tenant, namespace, name }: OnePair) {
  const client = useQueryClient();
  const ask = () =>
    confirm({
      title: "Delete pair",
      name,
      text: "Flows that ask for it find nothing from then on.",
      verb: "Delete",
      typed: true,
      run: async () => {
        await deletePair(tenant, namespace, name);
        await client.invalidateQueries({ queryKey: pairsQuery(tenant, namespace).queryKey, exact: true });
        done(`${name} deleted`);
      },
    });
  return (
    <ActionIcon aria-label={`Delete ${name}`} onClick={ask}>
      <IconTrash size={15} />
    </ActionIcon>
  );
}

interface PairDialogProps {
  tenant: string;
  namespace: string;
  known: string | undefined;
  onClose: () => void;
}

function PairDialog(props: PairDialogProps) {
  const { tenant, namespace, known } = props;
  const present = useQuery({ ...pairQuery(tenant, namespace, known ?? ""), enabled: known !== undefined });
  if (known !== undefined && !present.data) return <RowsLoading rows={3} />;
  return <PairForm {...props} present={known === undefined ? "" : valueText(present.data?.value)} />;
}

function PairForm({ tenant, namespace, known, onClose, present }: PairDialogProps & { present: string }) {
  const client = useQueryClient();
  const [draft, setDraft] = useState({ key: known ?? "", value: present, ttl: "" });
  const [problem, setProblem] = useState<unknown>();
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });

  async function submit(event: FormEvent) {
    event.preventDefault();
    try {
      await putPair(tenant, namespace, draft);
      await client.invalidateQueries({ queryKey: pairsQuery(tenant, namespace).queryKey });
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
          label="Key"
          required
          disabled={known !== undefined}
          value={draft.key}
          onChange={(event) => set({ key: event.currentTarget.value })}
          data-autofocus={known === undefined || undefined}
        />
        <Textarea
          label="Value"
          description="A number, true or false, JSON, or any text."
          autosize
          minRows={2}
          maxRows={12}
          value={draft.value}
          onChange={(event) => set({ value: event.currentTarget.value })}
          data-autofocus={known !== undefined || undefined}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
        />
        <TextInput
          label="Gone after"
          description="A duration such as PT1H or P7D; empty for never."
          value={draft.ttl}
          onChange={(event) => set({ ttl: event.currentTarget.value })}
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
