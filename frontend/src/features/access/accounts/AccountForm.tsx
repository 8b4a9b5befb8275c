/** The name of a service account, what it is for, and its groups. */
import { TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { DialogForm } from "@/kit/DialogForm";
import { type Choice, ManyPicker } from "@/kit/Picker";
import { useTenant } from "@/url";
import { findGroups } from "../finding";
import { type AccountDraft, accountsKey } from "./queries";

interface AccountFormProps {
  verb: string;
  known?: { name: string; description: string; groups: Choice[] };
  save: (draft: AccountDraft) => Promise<unknown>;
  onClose: () => void;
}

export function AccountForm({ verb, known, save, onClose }: AccountFormProps) {
  const tenant = useTenant();
  const client = useQueryClient();
  const [name, setName] = useState(known?.name ?? "");
  const [description, setDescription] = useState(known?.description ?? "");
  const [groups, setGroups] = useState<Choice[]>(known?.groups ?? []);
  async function send() {
    await save({ name, description, groups: groups.map(({ value }) => ({ id: value })) });
    await client.invalidateQueries({ queryKey: accountsKey(tenant) });
    onClose();
  }
  return (
    <DialogForm verb={verb} send={send} onClose={onClose}>
      <TextInput
        label="Name"
        description="As in a host name: small letters, digits and hyphens."
        placeholder="github-actions"
        required
        maxLength={63}
        pattern="[a-z0-9]([a-z0-9\-]*[a-z0-9])?"
        title="Small letters, digits and hyphens"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <TextInput
        label="What it is for"
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <ManyPicker
        label="Groups"
        queryKey={[tenant, "access", "group"]}
        find={(text) => findGroups(tenant, text)}
        value={groups}
        onChange={setGroups}
      />
    </DialogForm>
  );
}
