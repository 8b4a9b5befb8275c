/** Starts the same execution again: as it was, in the newest revision, or with other inputs. */
import { Button, Checkbox, Group, Modal, SegmentedControl, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { to } from "@/addresses";
import type { Execution, FlowInput, FlowWithSource } from "@/api/types";
import { replay } from "@/features/executions/commands";
import { flowOfExecutionQuery } from "@/features/executions/queries";
import { flowQuery } from "@/features/flows/queries";
import { Failure } from "@/kit/Notices";
import { Refusal } from "@/kit/Refusal";
import { useTenant } from "@/url";
import { InputsForm } from "./InputsForm";
import { useCheckedInputs } from "./useCheckedInputs";
import {
  askedInputs,
  formOrNothing,
  type InputValues,
  isMissing,
  leftOut,
  presets,
  toParts,
  valuesOf,
} from "./values";

interface ReplayDialogProps {
  execution: Execution;
  opened: boolean;
  onClose: () => void;
}

export function ReplayDialog(props: ReplayDialogProps) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title="Replay execution" size={560}>
      <ReplayRevision {...props} />
    </Modal>
  );
}

function ReplayRevision({ execution, onClose }: ReplayDialogProps) {
  const tenant = useTenant();
  const { namespace, flowId, flowRevision } = execution;
  const own = useQuery(flowOfExecutionQuery(tenant, execution.id));
  const newest = useQuery(flowQuery(tenant, { namespace, id: flowId }));
  const [chosen, setChosen] = useState("own");
  if (own.isError) return <Failure error={own.error} onRetry={own.refetch} />;
  if (!own.data || newest.isPending) return <Skeleton height={80} />;
  const other = newest.data && newest.data.revision !== flowRevision ? newest.data : undefined;
  const flow = chosen === "newest" && other ? other : own.data;
  return (
    <Stack gap="md">
      <Text size="sm" fw={600} className="mono">
        {flowId} {execution.id.slice(0, 8)}
      </Text>
      {other && (
        <SegmentedControl
          size="xs"
          aria-label="In revision"
          data={[
            { value: "own", label: `Revision ${flowRevision}, as it ran` },
            { value: "newest", label: `Revision ${other.revision}, the newest` },
          ]}
          value={chosen}
          onChange={setChosen}
        />
      )}
      <ReplayForm key={chosen} execution={execution} flow={flow} onClose={onClose} />
    </Stack>
  );
}

interface ReplayFormProps {
  execution: Execution;
  /** In the revision that it is to run in. */
  flow: FlowWithSource;
  onClose: () => void;
}

function ReplayForm({ execution, flow, onClose }: ReplayFormProps) {
  const tenant = useTenant();
  const navigate = useNavigate();
  const inputs = askedInputs((flow.inputs ?? []) as FlowInput[]);
  const [values, setValues] = useState<InputValues>(() => ({
    ...presets(inputs),
    ...valuesOf(inputs, execution.inputs),
  }));
  const [needed] = useState(() => inputs.some((input) => isMissing(input, values[input.id], undefined)));
  const [wanted, setWanted] = useState(false);
  const asks = needed || wanted;
  const [touched, setTouched] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const checked = useCheckedInputs(checkPath(tenant, flow), inputs, values, asks);
  const results = new Map(checked.data?.inputs.map((result) => [result.input.id, result]));

  async function submit(event: FormEvent) {
    event.preventDefault();
    setTouched(true);
    const asked = inputs.filter(({ id }) => !leftOut(results.get(id)));
    if (asks && asked.some((input) => isMissing(input, values[input.id], results.get(input.id)))) return;
    setBusy(true);
    try {
      const form = asks ? formOrNothing(toParts(asked, values)) : undefined;
      const target = { tenant, executionId: execution.id };
      const next = await replay(target, { revision: flow.revision, form });
      onClose();
      await navigate({ to: to.execution(tenant, next.id, "gantt") });
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        {problem !== undefined && <Refusal error={problem} />}
        <Text size="sm">
          {needed
            ? "This revision asks for inputs that the execution does not have."
            : "A new execution starts from the beginning, with the same inputs."}
        </Text>
        {!needed && inputs.length > 0 && (
          <Checkbox
            size="xs"
            label="Change the inputs"
            checked={wanted}
            onChange={(event) => setWanted(event.currentTarget.checked)}
          />
        )}
        {asks && (
          <InputsForm
            inputs={inputs}
            values={values}
            onChange={(id, value) => setValues((before) => ({ ...before, [id]: value }))}
            checked={checked.data?.inputs}
            touched={touched}
          />
        )}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} autoFocus>
            Replay
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function checkPath(tenant: string, { namespace, id, revision }: FlowWithSource): string {
  const parts = [tenant, "executions", namespace, id, "validate"].map(encodeURIComponent);
  return `/api/v1/${parts.join("/")}?revision=${revision}`;
}
