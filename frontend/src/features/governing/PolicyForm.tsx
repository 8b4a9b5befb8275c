/** What a policy is called, how strictly it is meant, and its rules as text. */
import { Select, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Policy } from "@/api/types";
import { DialogForm } from "@/kit/DialogForm";
import { asText, readWritten } from "./queries";

export const ENFORCEMENTS: Record<Policy["enforcement"], string> = {
  ACTIVE: "Enforced",
  EVALUATE: "Only evaluated: warns, refuses nothing",
  REFERENCE: "Enforced where a flow or a task names it",
  DISABLED: "Switched off",
};

const EXAMPLE: Policy["rules"] = [
  // A rule says more than the types of the contract know.
  { type: "orrery.policies.Require", on: "FLOW", target: "labels.team" } as Policy["rules"][number],
];

interface PolicyFormProps {
  /** The policy that is changed; without one a new one is made. */
  of?: Policy;
  /** Its namespace, "" for none; undefined where there are no namespaces. */
  namespace?: string;
  send: (policy: Policy, namespace: string) => Promise<unknown>;
  onClose: () => void;
}

export function PolicyForm({ of, namespace, send, onClose }: PolicyFormProps) {
  const [id, setId] = useState(of?.id ?? "");
  const [name, setName] = useState(of?.displayName ?? "");
  const [why, setWhy] = useState(of?.description ?? "");
  const [place, setPlace] = useState(namespace ?? "");
  const [enforcement, setEnforcement] = useState<Policy["enforcement"]>(of?.enforcement ?? "EVALUATE");
  const [text, setText] = useState(() => asText(of ?? { rules: EXAMPLE }));
  const submit = async () => {
    const said = { id, displayName: name || undefined, description: why || undefined, enforcement };
    await send({ ...said, ...readWritten(text), deleted: false }, place);
  };
  return (
    <DialogForm verb={of ? "Save" : "Create"} send={submit} onClose={onClose}>
      {!of && (
        <TextInput
          label="Id"
          description="Told whenever the policy refuses something. It never changes."
          required
          data-autofocus
          value={id}
          onChange={(event) => setId(event.currentTarget.value)}
        />
      )}
      {!of && namespace !== undefined && (
        <TextInput
          label="Namespace"
          description="With everything below it. Empty: the whole tenant."
          value={place}
          onChange={(event) => setPlace(event.currentTarget.value)}
        />
      )}
      <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <TextInput label="Why" value={why} onChange={(event) => setWhy(event.currentTarget.value)} />
      <Select
        label="Enforcement"
        allowDeselect={false}
        data={Object.entries(ENFORCEMENTS).map(([value, label]) => ({ value, label }))}
        value={enforcement}
        onChange={(value) => setEnforcement(value as Policy["enforcement"])}
      />
      <Textarea
        label="Rules"
        description="Add, Replace and Delete change flows; Allow, Deny, Require, Forbid, Match and OneOf judge them."
        autosize
        minRows={8}
        maxRows={24}
        spellCheck={false}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 12 } }}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </DialogForm>
  );
}
