/** What the tasks of an execution brought out, and a box to try expressions on it. */
import { IconPackageExport } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { Execution, OutputInfo } from "@/api/types";
import { outputsQuery, taskRunOutputsQuery } from "@/features/executions/queries";
import { fetchTaskRuns, RUNS_AT_ONCE, taskRunQuery, taskRunsKey } from "@/features/executions/taskRuns";
import { FileValue } from "@/features/files/FileValue";
import { isFile, leavesOf } from "@/features/files/files";
import { CopyText } from "@/kit/CopyText";
import { Section } from "@/kit/Facts";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { isTerminal } from "@/kit/states";
import { useWindow } from "@/kit/useWindow";
import { Value } from "@/kit/Value";
import { useTenant, useUrlState } from "@/url";
import { EvalBox } from "./EvalBox";
import classes from "./Outputs.module.css";
import { matching, type RunEntry, RunList } from "./RunList";

export function Outputs({ execution }: { execution: Execution }) {
  return (
    <div className={classes.page}>
      {execution.outputs && Object.keys(execution.outputs).length > 0 && (
        <Section title="Outputs of the flow">
          <Leaves executionId={execution.id} value={execution.outputs} prefix="" />
        </Section>
      )}
      {execution.taskRunList ? <FewRuns execution={execution} /> : <ManyRuns execution={execution} />}
      <EvalBox execution={execution} />
    </div>
  );
}

function FewRuns({ execution }: { execution: Execution }) {
  const infos = useQuery(outputsQuery(useTenant(), execution.id));
  const [text, setText] = useState("");
  const list = useMemo(() => entriesOf(infos.data ?? []), [infos.data]);
  const found = useMemo(() => matching(list, text), [list, text]);
  if (infos.isPending) return <div className={classes.wait} />;
  if (infos.isError) return <Failure error={infos.error} onRetry={infos.refetch} />;
  return <Browser execution={execution} runs={found} total={list.length} text={text} onText={setText} />;
}

/** The list is searched where the outputs are; what is out of view is not fetched. */
function ManyRuns({ execution }: { execution: Execution }) {
  const tenant = useTenant();
  const [text, setText] = useState("");
  const [all, setAll] = useState(0);
  const q = text.trim() || undefined;
  const { rows, total, error, onView } = useWindow({
    queryKey: [...taskRunsKey(tenant, execution.id), "with outputs", q],
    fetchPage: (page) => fetchTaskRuns(tenant, execution.id, { withOutputs: true, q }, page),
    size: RUNS_AT_ONCE,
  });
  if (!q && total !== undefined && total !== all) setAll(total);
  if (error && total === undefined) return <Failure error={error} />;
  if (total === undefined) return <div className={classes.wait} />;
  return (
    <Browser execution={execution} runs={rows} total={all} text={text} onText={setText} onView={onView} />
  );
}

interface BrowserProps {
  execution: Execution;
  runs: (RunEntry | undefined)[];
  total: number;
  text: string;
  onText: (text: string) => void;
  onView?: (first: number, last: number) => void;
}

function Browser({ execution, ...list }: BrowserProps) {
  const [search, setSearch] = useUrlState();
  const [first, setFirst] = useState<string>();
  const chosen = search.run ?? first;
  if (first === undefined && list.runs[0]) setFirst(list.runs[0].id);
  if (list.total === 0 && !list.text) {
    return (
      <Empty icon={IconPackageExport} title="No outputs">
        {isTerminal(execution.state.current)
          ? "No task of this execution put anything out."
          : "Outputs appear here as tasks end."}
      </Empty>
    );
  }
  return (
    <div className={classes.browser}>
      <RunList {...list} chosen={chosen} onChoose={(run) => setSearch({ run })} />
      <div className={classes.content}>
        {chosen && <TaskRunOutputs execution={execution} taskRunId={chosen} />}
      </div>
    </div>
  );
}

function TaskRunOutputs({ execution, taskRunId }: { execution: Execution; taskRunId: string }) {
  const tenant = useTenant();
  const outputs = useQuery(taskRunOutputsQuery(tenant, execution.id, taskRunId));
  const known = execution.taskRunList?.find(({ id }) => id === taskRunId);
  const asked = useQuery({
    ...taskRunQuery(tenant, execution.id, taskRunId),
    enabled: !execution.taskRunList,
  });
  const run = known ?? asked.data;
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

function entriesOf(infos: OutputInfo[]): RunEntry[] {
  return infos.map(({ taskRunId = "", taskId = "", value }) => ({ id: taskRunId, taskId, value }));
}
