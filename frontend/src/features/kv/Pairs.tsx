/** The key-value pairs of a namespace: small things that flows keep from one execution to the next. */
import { Textarea, TextInput } from "@mantine/core";
import { IconDatabase } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { PairRow } from "@/api/types";
import { CopyText } from "@/kit/CopyText";
import type { Column } from "@/kit/DataTable";
import { DialogForm } from "@/kit/DialogForm";
import { RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { StoreList } from "@/kit/StoreList";
import classes from "@/kit/StoreList.module.css";
import { actionsColumn, nameColumn } from "@/kit/storeColumns";
import { valueText } from "@/kit/Value";
import { When } from "@/kit/When";
import { useTenant } from "@/url";
import { deletePair, pairQuery, pairsQuery, putPair } from "./queries";

export function Pairs({ namespace }: { namespace: string }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const query = pairsQuery(tenant, namespace);
  const remove = async (name: string) => {
    await deletePair(tenant, namespace, name);
    await client.invalidateQueries({ queryKey: query.queryKey, exact: true });
  };
  return (
    <StoreList
      label="Key-value pairs"
      noun="pair"
      icon={IconDatabase}
      query={useQuery(query)}
      columns={(change) => [
        nameColumn("Key", "minmax(120px, 2fr)", "kv"),
        valueColumn(tenant, namespace),
        ...DATES,
        actionsColumn<PairRow>({
          changeLabel: "Change the value",
          onChange: change,
          deleteTitle: "Delete pair",
          deleteText: "Flows that ask for it find nothing from then on.",
          onDelete: remove,
        }),
      ]}
      hint={
        <>
          A flow here or below reads one as <code>{"{{ kv('name') }}"}</code>, and a task may write it.
        </>
      }
      changeTitle={(name) => `Change ${name}`}
      form={(known, onClose) => (
        <PairDialog tenant={tenant} namespace={namespace} known={known?.key} onClose={onClose} />
      )}
    />
  );
}

function valueColumn(tenant: string, namespace: string): Column<PairRow> {
  return {
    id: "value",
    header: "Value",
    width: "minmax(110px, 3fr)",
    cell: ({ key = "" }) => <ShownValue tenant={tenant} namespace={namespace} name={key} />,
  };
}

const DATES: Column<PairRow>[] = [
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
];

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
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });

  async function save() {
    await putPair(tenant, namespace, draft);
    await client.invalidateQueries({ queryKey: pairsQuery(tenant, namespace).queryKey });
    done(`${draft.key} saved`);
    onClose();
  }

  return (
    <DialogForm verb="Save" send={save} onClose={onClose}>
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
    </DialogForm>
  );
}
