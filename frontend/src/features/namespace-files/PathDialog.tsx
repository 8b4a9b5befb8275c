/** Asks for the name of a new file or folder, or for another path of one that is there. */
import { Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import { DialogForm } from "@/kit/DialogForm";
import { nameProblem } from "./paths";

export interface PathQuestion {
  title: string;
  label: string;
  description?: string;
  value: string;
  verb: string;
  /** Folders may stand before the name. */
  nested?: boolean;
  send: (value: string) => Promise<unknown>;
}

export function PathDialog({
  question,
  onClose,
}: {
  question: PathQuestion | undefined;
  onClose: () => void;
}) {
  return (
    <Modal opened={question !== undefined} onClose={onClose} title={question?.title}>
      {question && <PathForm question={question} onClose={onClose} />}
    </Modal>
  );
}

function PathForm({ question, onClose }: { question: PathQuestion; onClose: () => void }) {
  const [value, setValue] = useState(question.value);
  const [tried, setTried] = useState(false);
  const problem = nameProblem(value, question.nested);

  async function send() {
    setTried(true);
    if (problem) return;
    if (value !== question.value) await question.send(value);
    onClose();
  }

  return (
    <DialogForm verb={question.verb} send={send} onClose={onClose}>
      <TextInput
        label={question.label}
        description={question.description}
        value={value}
        error={tried ? problem : undefined}
        onChange={(event) => setValue(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      />
    </DialogForm>
  );
}
