/** The name of a group and what it is for. */
import { TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { GroupSummary } from "@/api/types";
import { DialogForm } from "@/kit/DialogForm";
import { useTenant } from "@/url";
import { type GroupDraft, groupsKey } from "./queries";

interface GroupFormProps {
  verb: string;
  known?: GroupSummary;
  save: (draft: GroupDraft) => Promise<unknown>;
  onClose: () => void;
}

export function GroupForm({ verb, known, save, onClose }: GroupFormProps) {
  const tenant = useTenant();
  const client = useQueryClient();
  const [draft, setDraft] = useState({ name: known?.name ?? "", description: known?.description ?? "" });
  async function send() {
    await save(draft);
    await client.invalidateQueries({ queryKey: groupsKey(tenant) });
    onClose();
  }
  return (
    <DialogForm verb={verb} send={send} onClose={onClose}>
      <TextInput
        label="Name"
        required
        disabled={known?.managedBy !== undefined}
        description={known?.managedBy && "The directory says what it is called."}
        value={draft.name}
        onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })}
        data-autofocus
      />
      <TextInput
        label="What it is for"
        value={draft.description}
        onChange={(event) => setDraft({ ...draft, description: event.currentTarget.value })}
      />
    </DialogForm>
  );
}
