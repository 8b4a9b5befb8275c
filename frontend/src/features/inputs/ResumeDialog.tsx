/** Lets a paused execution go on, with the answers that the pause asks for. */
import { Button, Group, Modal, Skeleton, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { FlowInput } from "@/api/types";
import { resume } from "@/features/executions/commands";
import { executionKey } from "@/features/executions/queries";
import { done } from "@/kit/notify";
import { Refusal } from "@/kit/Refusal";
import { InputsForm } from "./InputsForm";
import { useCheckedInputs } from "./useCheckedInputs";
import { formOrNothing, type InputValues, toParts } from "./values";

interface ResumeDialogProps {
  tenant: string;
  executionId: string;
  opened: boolean;
  onClose: () => void;
}

export function ResumeDialog(props: ResumeDialogProps) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title="Resume" size={520}>
      <ResumeForm {...props} />
    </Modal>
  );
}

function ResumeForm({ tenant, executionId, onClose }: ResumeDialogProps) {
  const client = useQueryClient();
  const [values, setValues] = useState<InputValues>({});
  const [touched, setTouched] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [part, id] = [tenant, executionId].map(encodeURIComponent);
  const [asked, setAsked] = useState<FlowInput[]>([]);
  const checked = useCheckedInputs(`/api/v1/${part}/executions/${id}/actions/resume/validate`, asked, values);
  const inputs = (checked.data?.inputs ?? []).map(({ input }) => input as FlowInput);
  if (inputs.length !== asked.length) setAsked(inputs);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setTouched(true);
    setBusy(true);
    try {
      await resume({ tenant, executionId }, formOrNothing(toParts(inputs, values)));
      client.invalidateQueries({ queryKey: executionKey(tenant, executionId) });
      done("Resumed");
      onClose();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="lg">
        {problem !== undefined && <Refusal error={problem} />}
        {checked.isPending && <Skeleton height={48} />}
        {checked.isSuccess && inputs.length === 0 && (
          <Text size="sm">The execution goes on with its next task.</Text>
        )}
        <InputsForm
          inputs={inputs}
          values={values}
          onChange={(name, value) => setValues((before) => ({ ...before, [name]: value }))}
          checked={checked.data?.inputs}
          touched={touched}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy}>
            Resume
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
