/** What the tasks of an execution brought out, and a box to try expressions on it. */
import { IconPackageExport } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Execution, OutputInfo, TaskRun } from "@/api/types";
import { outputsQuery, taskRunOutputsQuery } from "@/features/executions/queries";
import { FileValue } from "@/features/files/FileValue";
import { isFile, leavesOf } from "@/features/files/files";
import { CopyText } from "@/kit/CopyText";
import { Section } from "@/kit/Facts";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { isTerminal } from "@/kit/states";
import { Value } from "@/kit/Value";
import { useTenant, useUrlState } from "@/url";
import { EvalBox } from "./EvalBox";
import classes from "./Outputs.module.css";
import { type RunEntry, RunList } from "./RunList";

export function Outputs({ execution }: { execution: Execution }) {
  const tenant = useTenant();
  const [search, setSearch] = useUrlState();
  const infos = useQuery(outputsQuery(tenant, execution.id));
  const runs = useMemo(
    () => new Map(execution.taskRunList?.map((run) => [run.id, run])),
    [execution.taskRunList],
  );
  const list = useMemo(() => entriesOf(infos.data ?? [], runs), [infos.data, runs]);
  const chosen = search.run ?? list[0]?.id;

  return (
    <div className={classes.page}>
      {execution.outputs && Object.keys(execution.outputs).length > 0 && (
        <Section title="Outputs of the flow">
          <Leaves executionId={execution.id} value={execution.outputs} prefix="" />
        </Section>
      )}
      {infos.isPending && <div className={classes.wait} />}
      {infos.isError && <Failure error={infos.error} onRetry={infos.refetch} />}
      {infos.isSuccess && list.length === 0 && (
        <Empty icon={IconPackageExport} title="No outputs">
          {isTerminal(execution.state.current)
            ? "No task of this execution put anything out."
            : "Outputs appear here as tasks end."}
        </Empty>
      )}
      {list.length > 0 && (
        <div className={classes.browser}>
          <RunList runs={list} chosen={chosen} onChoose={(run) => setSearch({ run })} />
          <div className={classes.content}>
            {chosen && <TaskRunOutputs execution={execution} taskRunId={chosen} run={runs.get(chosen)} />}
          </div>
        </div>
      )}
      <EvalBox execution={execution} />
    </div>
  );
}

function TaskRunOutputs({
  execution,
  taskRunId,
  run,
}: {
  execution: Execution;
  taskRunId: string;
  run?: TaskRun;
}) {
  const tenant = useTenant();
  const outputs = useQuery(taskRunOutputsQuery(tenant, execution.id, taskRunId));
  if (outputs.isError) return <Failure error={outputs.error} onRetry={outputs.refetch} />;
  if (!outputs.data) return <RowsLoading rows={4} />;
  return (
    <Leaves executionId={execution.id} value={outputs.data} prefix={run ? `outputs.${run.taskId}` : ""} />
  );
}

interface LeavesProps {
  executionId: string;
  value: unknown;
  /** What an expression puts in front of the path. */
  prefix: string;
}

export function Leaves({ executionId, value, prefix }: LeavesProps) {
  const leaves = leavesOf(value);
  if (leaves.length === 0) return <span className={classes.none}>Nothing</span>;
  return (
    <dl className={classes.leaves}>
      {leaves.map(({ path, value: leaf }) => (
        <div key={path} className={classes.leaf}>
          <dt>
            <span className="mono">{path}</span>
            {prefix && (
              <CopyText value={`{{ ${prefix}.${path} }}`.replace(".[", "[")} label="Copy as expression" />
            )}
          </dt>
          <dd>
            {isFile(leaf) ? <FileValue executionId={executionId} uri={leaf} /> : <Value value={leaf} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function entriesOf(infos: OutputInfo[], runs: Map<string, TaskRun>): RunEntry[] {
  return infos.map(({ taskRunId = "", taskId = "", value }) => ({
    id: taskRunId,
    taskId,
    value: value ?? runs.get(taskRunId)?.value ?? undefined,
  }));
}
