/** Changes the labels of an execution that has ended. */
import { Button, Group, Modal, Stack, TagsInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Execution } from "@/api/types";
import { labelMap } from "@/kit/Filters";
import { labelList } from "@/kit/Labels";
import { done, failed } from "@/kit/notify";
import { useTenant } from "@/url";
import { setLabels } from "./commands";
import { executionKey } from "./queries";

interface LabelsDialogProps {
  execution: Execution;
  opened: boolean;
  onClose: () => void;
}

export function LabelsDialog(props: LabelsDialogProps) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title="Labels">
      <LabelsForm {...props} />
    </Modal>
  );
}

function LabelsForm({ execution, onClose }: LabelsDialogProps) {
  const tenant = useTenant();
  const client = useQueryClient();
  const [texts, setTexts] = useState(() =>
    labelList(execution.labels).map(({ key, value }) => `${key}:${value}`),
  );

  async function save() {
    const labels = Object.entries(labelMap(texts.join(","))).map(([key, value]) => ({ key, value }));
    try {
      await setLabels({ tenant, executionId: execution.id }, labels);
      await client.invalidateQueries({ queryKey: executionKey(tenant, execution.id) });
      done("Labels changed");
      onClose();
    } catch (error) {
      failed(error);
    }
  }

  return (
    <Stack gap="lg">
      <TagsInput
        label="Labels"
        description="Each as key:value; Enter after each."
        value={texts}
        onChange={(next) => setTexts(next.filter((text) => text.includes(":")))}
        data-autofocus
      />
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button onClick={save}>Save</Button>
      </Group>
    </Stack>
  );
}
