/** Have a schedule run past dates again. */
import { Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { parseJson } from "@/api/json";
import { DialogForm } from "@/kit/DialogForm";
import { labelMap } from "@/kit/Filters";
import { done } from "@/kit/notify";
import { createBackfill, type TriggerName, triggersKey } from "./queries";

interface BackfillDialogProps {
  tenant: string;
  name: TriggerName;
  onClose: () => void;
}

export function BackfillDialog({ tenant, name, onClose }: BackfillDialogProps) {
  const client = useQueryClient();
  const [start, setStart] = useState("");
  const [end, setEnd] = useState("");
  const [labels, setLabels] = useState("");
  const [inputs, setInputs] = useState("");

  async function send() {
    await createBackfill(tenant, name, {
      start: momentOf(start),
      end: end ? momentOf(end) : undefined,
      inputs: inputs.trim() ? inputsOf(inputs) : undefined,
      labels: Object.entries(labelMap(labels)).map(([key, value]) => ({ key, value })),
    });
    await client.invalidateQueries({ queryKey: triggersKey(tenant) });
    done(`Backfill of ${name.triggerId} begun`);
    onClose();
  }

  return (
    <DialogForm verb="Begin backfill" send={send} onClose={onClose}>
      <Text size="sm" c="dimmed">
        Every date of the schedule from start to end runs once more, one after the other.
      </Text>
      <Stack gap="md">
        <TextInput
          label="Start"
          type="datetime-local"
          required
          value={start}
          onChange={(event) => setStart(event.currentTarget.value)}
          data-autofocus
        />
        <TextInput
          label="End"
          description="Now, when it is left empty."
          type="datetime-local"
          value={end}
          onChange={(event) => setEnd(event.currentTarget.value)}
        />
        <TextInput
          label="Labels"
          description="Put on each execution: team:data, reason:outage"
          value={labels}
          onChange={(event) => setLabels(event.currentTarget.value)}
        />
        <Textarea
          label="Inputs"
          description="A JSON object; they are added to those of the trigger."
          placeholder={'{"day": "monday"}'}
          autosize
          minRows={2}
          value={inputs}
          onChange={(event) => setInputs(event.currentTarget.value)}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
        />
      </Stack>
    </DialogForm>
  );
}

/** A local date and time as a moment. */
function momentOf(local: string): string {
  return new Date(local).toISOString();
}

function inputsOf(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error('Inputs must be a JSON object, like {"day": "monday"}');
  }
  return value as Record<string, unknown>;
}
