/** What a worker queue is called, which tags choose it, and whose jobs may wait in it. */
import { TagsInput, TextInput } from "@mantine/core";
import { useState } from "react";
import type { FleetQueue } from "@/api/types";
import { DialogForm } from "@/kit/DialogForm";
import type { QueueDraft } from "./queries";

interface QueueFormProps {
  /** The queue that is changed; without one a new one is made. */
  of?: FleetQueue;
  send: (draft: QueueDraft) => Promise<unknown>;
  onClose: () => void;
}

export function QueueForm({ of, send, onClose }: QueueFormProps) {
  const [draft, setDraft] = useState<QueueDraft>(() => ({
    id: of?.id ?? "",
    name: of?.name ?? "",
    tags: of?.tags ?? [],
    allowedTenants: of?.allowedTenants ?? [],
  }));
  const change = (part: Partial<QueueDraft>) => setDraft({ ...draft, ...part });
  return (
    <DialogForm verb={of ? "Save" : "Create"} send={() => send(draft)} onClose={onClose}>
      {!of && (
        <TextInput
          label="Id"
          description="Never changes. Lower case letters, digits and hyphens."
          required
          data-autofocus
          value={draft.id}
          onChange={(event) => change({ id: event.currentTarget.value })}
        />
      )}
      <TextInput
        label="Name"
        value={draft.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <TagsInput
        label="Tags"
        description="Flows choose the queue by them. Enter after each."
        required={draft.tags.length === 0}
        value={draft.tags}
        onChange={(tags) => change({ tags })}
      />
      <TagsInput
        label="Allowed tenants"
        description="Empty: every tenant."
        value={draft.allowedTenants}
        onChange={(allowedTenants) => change({ allowedTenants })}
      />
    </DialogForm>
  );
}
