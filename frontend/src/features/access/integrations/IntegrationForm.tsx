/** The name of an integration, whose it is, and what it is for. */
import { Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { DialogForm } from "@/kit/DialogForm";
import { CLIENTS } from "./clients";
import type { Client, IntegrationDraft } from "./queries";

interface IntegrationFormProps {
  verb: string;
  known?: IntegrationDraft;
  save: (draft: IntegrationDraft) => Promise<unknown>;
  onClose: () => void;
}

export function IntegrationForm({ verb, known, save, onClose }: IntegrationFormProps) {
  const [draft, setDraft] = useState<IntegrationDraft>(
    known ?? { name: "", description: "", client: "OKTA" },
  );
  return (
    <DialogForm verb={verb} send={() => save(draft)} onClose={onClose}>
      <Select
        label="Directory"
        description="Its habits are met, and its page of instructions is shown."
        data={CLIENTS.map(({ value, label }) => ({ value, label }))}
        value={draft.client}
        onChange={(next) => next && setDraft({ ...draft, client: next as Client })}
        allowDeselect={false}
      />
      <TextInput
        label="Name"
        placeholder="okta-production"
        required
        maxLength={63}
        pattern="[a-z0-9]+(-[a-z0-9]+)*"
        title="Small letters and digits, in groups with hyphens"
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
