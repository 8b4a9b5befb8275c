/** Starts a flow: its inputs, and labels or a time if one wants them. */

import {
  Alert,
  Button,
  Collapse,
  Group,
  Modal,
  Stack,
  TagsInput,
  TextInput,
  UnstyledButton,
} from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconPlayerPlayFilled } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { to } from "@/addresses";
import { send } from "@/api/client";
import { jsonOf } from "@/api/json";
import { querySerializer } from "@/api/query";
import type { Execution, FlowInput, FlowWithSource } from "@/api/types";
import { instantOf } from "@/kit/localTime";
import { done } from "@/kit/notify";
import { Refusal } from "@/kit/Refusal";
import { useTenant } from "@/url";
import { InputsForm } from "./InputsForm";
import { useCheckedInputs } from "./useCheckedInputs";
import { askedInputs, formOrNothing, type InputValues, isMissing, leftOut, presets, toParts } from "./values";

interface ExecuteDialogProps {
  flow: Pick<FlowWithSource, "namespace" | "id" | "inputs">;
  opened: boolean;
  onClose: () => void;
  /** What the fields begin with, as when an execution is repeated with other inputs. */
  initial?: InputValues;
}

export function ExecuteDialog({ flow, opened, onClose, initial }: ExecuteDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Execute ${flow.id}`} size={560}>
      <ExecuteForm flow={flow} onClose={onClose} initial={initial} />
    </Modal>
  );
}

function ExecuteForm({ flow, onClose, initial = {} }: Omit<ExecuteDialogProps, "opened">) {
  const tenant = useTenant();
  const navigate = useNavigate();
  const client = useQueryClient();
  const inputs = askedInputs((flow.inputs ?? []) as FlowInput[]);
  const [values, setValues] = useState<InputValues>(() => ({ ...presets(inputs), ...initial }));
  const [labels, setLabels] = useState<string[]>([]);
  const [date, setDate] = useState("");
  const [touched, setTouched] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const path = executePath(tenant, flow);
  const checked = useCheckedInputs(`${path}/validate`, inputs, values, inputs.length > 0);
  const results = checked.data?.inputs;

  async function submit(event: FormEvent) {
    event.preventDefault();
    setTouched(true);
    const byId = new Map(results?.map((result) => [result.input.id, result]));
    const asked = inputs.filter(({ id }) => !leftOut(byId.get(id)));
    if (asked.some((input) => isMissing(input, values[input.id], byId.get(input.id)))) return;
    setBusy(true);
    setProblem(undefined);
    try {
      const query = querySerializer({ labels, scheduleDate: instantOf(date) });
      const body = formOrNothing(toParts(asked, values));
      const response = await send(query ? `${path}?${query}` : path, { method: "POST", body });
      const execution = await jsonOf<Execution>(response);
      client.invalidateQueries({ queryKey: [tenant, "executions"] });
      onClose();
      if (date) done(`${flow.id} will start at ${new Date(date).toLocaleString()}`);
      await navigate({ to: to.execution(tenant, execution.id, "gantt") });
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="lg">
        {problem !== undefined && <Refusal error={problem} />}
        {checked.data?.checks?.map((check) => (
          <Alert key={check.message} variant="light" color={check.style === "ERROR" ? "red" : "yellow"}>
            {check.message}
          </Alert>
        ))}
        {inputs.length === 0 && <div>This flow takes no inputs.</div>}
        <InputsForm
          inputs={inputs}
          values={values}
          onChange={(id, value) => setValues((before) => ({ ...before, [id]: value }))}
          checked={results}
          touched={touched}
        />
        <MoreOptions labels={labels} onLabels={setLabels} date={date} onDate={setDate} />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={busy}
            leftSection={<IconPlayerPlayFilled size={13} />}
            data-autofocus
          >
            {date ? "Schedule" : "Execute"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface MoreOptionsProps {
  labels: string[];
  onLabels: (labels: string[]) => void;
  date: string;
  onDate: (date: string) => void;
}

function MoreOptions({ labels, onLabels, date, onDate }: MoreOptionsProps) {
  const [opened, setOpened] = useState(false);
  const Icon = opened ? IconChevronDown : IconChevronRight;
  return (
    <div>
      <UnstyledButton onClick={() => setOpened(!opened)} aria-expanded={opened} fz="sm" c="dimmed">
        <Group gap={4}>
          <Icon size={14} /> Labels and start time
        </Group>
      </UnstyledButton>
      <Collapse expanded={opened}>
        <Stack gap="md" pt="sm">
          <TagsInput
            label="Labels"
            description="Each as key:value; Enter after each."
            value={labels}
            onChange={(next) => onLabels(next.filter((label) => label.includes(":")))}
          />
          <TextInput
            label="Start at"
            description="Empty means now."
            type="datetime-local"
            value={date}
            onChange={(event) => onDate(event.currentTarget.value)}
          />
        </Stack>
      </Collapse>
    </div>
  );
}

function executePath(tenant: string, { namespace, id }: { namespace: string; id: string }): string {
  return `/api/v1/${[tenant, "executions", namespace, id].map(encodeURIComponent).join("/")}`;
}
