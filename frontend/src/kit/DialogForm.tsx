/** The form in a dialog: it stays open with the reason while the server does not take it. */
import { Button, Group, Stack } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { Refusal } from "./Refusal";

interface DialogFormProps {
  /** What the button says: "Save", "Create". */
  verb: string;
  /** Sends the draft; what it throws is shown. */
  send: () => Promise<unknown>;
  onClose: () => void;
  /** Something that has to be chosen is not. */
  disabled?: boolean;
  children: ReactNode;
}

export function DialogForm({ verb, send, onClose, disabled, children }: DialogFormProps) {
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    try {
      await send();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        {problem !== undefined && <Refusal error={problem} />}
        {children}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={disabled} loading={busy}>
            {verb}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
