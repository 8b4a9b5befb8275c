/** The question before anything that cannot be undone; it names what it is about. */
import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { modals } from "@mantine/modals";
import { type FormEvent, useState } from "react";
import { failed } from "./notify";

interface Question {
  /** "Delete flow" */
  title: string;
  /** The name of the thing, shown and, with `typed`, to be typed. */
  name: string;
  text: string;
  verb: string;
  typed?: boolean;
  run: () => Promise<unknown>;
}

export function confirm(question: Question): void {
  const id = modals.open({
    title: question.title,
    children: <Confirmation question={question} close={() => modals.close(id)} />,
  });
}

function Confirmation({ question, close }: { question: Question; close: () => void }) {
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const ready = !question.typed || typed.trim() === question.name;

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (!ready) return;
    setBusy(true);
    try {
      await question.run();
      close();
    } catch (error) {
      failed(error);
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text size="sm">
          <Text span fw={600} className="mono">
            {question.name}
          </Text>
          <br />
          {question.text}
        </Text>
        {question.typed && (
          <TextInput
            label={`Type ${question.name} to confirm`}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
        )}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" color="red" loading={busy} disabled={!ready} data-autofocus={!question.typed}>
            {question.verb}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
