/** Changes the labels of executions that have ended: of one, or of many at once. */
import { Button, Group, Modal, Stack, TagsInput } from "@mantine/core";
import { useState } from "react";
import type { Label } from "@/api/types";
import { labelMap } from "@/kit/Filters";
import { failed } from "@/kit/notify";

interface LabelsDialogProps {
  title: string;
  /** What the dialog begins with. */
  labels: Label[];
  hint?: string;
  opened: boolean;
  onClose: () => void;
  onSave: (labels: Label[]) => Promise<void>;
}

export function LabelsDialog(props: LabelsDialogProps) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={props.title}>
      <LabelsForm {...props} />
    </Modal>
  );
}

function LabelsForm({ labels, hint, onClose, onSave }: LabelsDialogProps) {
  const [texts, setTexts] = useState(() => labels.map(({ key, value }) => `${key}:${value}`));
  const [busy, setBusy] = useState(false);

  async function save() {
    setBusy(true);
    try {
      await onSave(Object.entries(labelMap(texts.join(","))).map(([key, value]) => ({ key, value })));
      onClose();
    } catch (error) {
      failed(error);
      setBusy(false);
    }
  }

  return (
    <Stack gap="lg">
      <TagsInput
        label="Labels"
        description={`Each as key:value; Enter after each. ${hint ?? ""}`}
        value={texts}
        onChange={(next) => setTexts(next.filter((text) => text.includes(":")))}
        data-autofocus
      />
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button onClick={save} loading={busy}>
          Save
        </Button>
      </Group>
    </Stack>
  );
}
