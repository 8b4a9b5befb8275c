/** The form of a pair: what is not touched stays as it is, its type and its end included. */
import { Group, Select, Textarea, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { stringifyJson } from "@/api/json";
import type { PairRow } from "@/api/types";
import { DialogForm } from "@/kit/DialogForm";
import { Failure, RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { absoluteTime } from "@/kit/time";
import { pairQuery, pairsQuery, putPair } from "./queries";
import { draftOf, type Expiry, NEW_PAIR, type PairDraft, type PairType, pairProblem, TYPES } from "./values";

interface PairDialogProps {
  tenant: string;
  namespace: string;
  /** Set when an existing one is changed. */
  known: PairRow | undefined;
  onClose: () => void;
}

export function PairDialog(props: PairDialogProps) {
  const { tenant, namespace, known } = props;
  const query = pairQuery(tenant, namespace, known?.key ?? "");
  const present = useQuery({ ...query, enabled: known !== undefined, staleTime: 0 });
  if (!known) return <PairForm {...props} present={NEW_PAIR} />;
  if (present.isError) return <Failure error={present.error} onRetry={present.refetch} />;
  if (!present.data || present.isFetching) return <RowsLoading rows={3} />;
  return <PairForm {...props} present={draftOf(known, present.data)} />;
}

function PairForm({ tenant, namespace, known, onClose, present }: PairDialogProps & { present: PairDraft }) {
  const client = useQueryClient();
  const [before] = useState(present);
  const [draft, setDraft] = useState(present);
  const [tried, setTried] = useState(false);
  const set = (change: Partial<PairDraft>) => setDraft({ ...draft, ...change });
  const problem = tried ? pairProblem(draft) : undefined;

  async function save() {
    setTried(true);
    if (pairProblem(draft)) return;
    if (known && stringifyJson(draft) === stringifyJson(before)) return onClose();
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
      <Select
        label="Type"
        data={[
          ...(known ? [] : [{ value: "", label: "What it looks like" }]),
          ...TYPES.map((type) => ({ value: type, label: type.charAt(0) + type.slice(1).toLowerCase() })),
        ]}
        value={draft.type ?? ""}
        onChange={(next) => set({ type: (next || undefined) as PairType | undefined })}
        allowDeselect={false}
      />
      <ValueField
        type={draft.type}
        text={draft.text}
        problem={problem}
        focused={known !== undefined}
        onChange={(text) => set({ text })}
      />
      <ExpiryField before={before.expiry} expiry={draft.expiry} onChange={(expiry) => set({ expiry })} />
    </DialogForm>
  );
}

interface ValueFieldProps {
  type: PairType | undefined;
  text: string;
  problem: string | undefined;
  focused: boolean;
  onChange: (text: string) => void;
}

const ON_ONE_LINE: Partial<Record<PairType, { placeholder?: string; kind?: string }>> = {
  NUMBER: { placeholder: "42 or 1.50" },
  DATE: { kind: "date" },
  DATETIME: { placeholder: "2026-01-31T12:00:00Z" },
  DURATION: { placeholder: "PT15M or P1D" },
};

/** The field that fits the type. */
function ValueField({ type, text, problem, focused, onChange }: ValueFieldProps) {
  const autofocus = focused || undefined;
  if (type === "BOOLEAN") {
    return (
      <Select
        label="Value"
        data={["true", "false"]}
        value={text === "true" || text === "false" ? text : null}
        onChange={(next) => onChange(next ?? "")}
        error={problem}
        allowDeselect={false}
        data-autofocus={autofocus}
      />
    );
  }
  const line = type && ON_ONE_LINE[type];
  if (line) {
    return (
      <TextInput
        label="Value"
        type={line.kind}
        placeholder={line.placeholder}
        value={text}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={problem}
        data-autofocus={autofocus}
        styles={MONOSPACE}
      />
    );
  }
  return (
    <Textarea
      label="Value"
      description={type ? undefined : "A number, true or false, a date, a duration, JSON, or any other text."}
      error={problem}
      autosize
      minRows={2}
      maxRows={12}
      value={text}
      onChange={(event) => onChange(event.currentTarget.value)}
      data-autofocus={autofocus}
      styles={MONOSPACE}
    />
  );
}

const MONOSPACE = { input: { fontFamily: "var(--mantine-font-family-monospace)" } };

interface ExpiryFieldProps {
  before: Expiry;
  expiry: Expiry;
  onChange: (expiry: Expiry) => void;
}

function ExpiryField({ before, expiry, onChange }: ExpiryFieldProps) {
  const choices = [
    ...(before.kind === "keep" ? [{ value: "keep", label: `As now, ${absoluteTime(before.date)}` }] : []),
    { value: "never", label: "Never" },
    { value: "after", label: "After a time" },
  ];
  const choose = (kind: string | null) => {
    if (kind === "after") onChange({ kind, ttl: "" });
    else onChange(kind === "keep" ? before : { kind: "never" });
  };
  return (
    <Group grow align="flex-start">
      <Select label="Expires" data={choices} value={expiry.kind} onChange={choose} allowDeselect={false} />
      {expiry.kind === "after" && (
        <TextInput
          label="After"
          placeholder="PT1H or P7D"
          required
          value={expiry.ttl}
          onChange={(event) => onChange({ kind: "after", ttl: event.currentTarget.value })}
        />
      )}
    </Group>
  );
}
