/** When each task run waited and worked; bars grow while they run. */
import { IconHourglass } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import type { Execution, TaskRun } from "@/api/types";
import { Empty } from "@/kit/Notices";
import { isTerminal } from "@/kit/states";
import { useUrlState } from "@/url";
import { Chart, toggled } from "./Chart";
import { ManyRuns } from "./ManyRuns";
import { ganttReach, ganttRows } from "./rows";

export function Gantt({ execution }: { execution: Execution }) {
  const { taskRunList, taskRuns, state } = execution;
  if (!taskRunList && taskRuns.total > 0) return <ManyRuns key={execution.id} execution={execution} />;
  if (taskRunList && taskRunList.length > 0) return <FewRuns execution={execution} runs={taskRunList} />;
  const running = !isTerminal(state.current);
  return (
    <Empty icon={IconHourglass} title={running ? "No task has started yet" : "No task ran"}>
      {running && "The first bar appears as soon as a worker takes the first task."}
    </Empty>
  );
}

function FewRuns({ execution, runs }: { execution: Execution; runs: TaskRun[] }) {
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const [search] = useUrlState();
  const [named] = useState(search.run);
  const rows = useMemo(() => ganttRows(runs, collapsed), [runs, collapsed]);
  const reach = useMemo(() => ganttReach(runs), [runs]);
  return (
    <Chart
      execution={execution}
      rows={rows}
      reach={reach}
      isCollapsed={({ run }) => collapsed.has(run.id)}
      onCollapse={({ run }) => setCollapsed(toggled(collapsed, run.id))}
      version={`${collapsed.size}`}
      wanted={named === undefined ? -1 : rows.findIndex(({ run }) => run.id === named)}
    />
  );
}
