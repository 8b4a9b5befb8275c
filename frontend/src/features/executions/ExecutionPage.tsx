/** One execution: what it is doing, when it did what, what it wrote and brought out. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useMemo } from "react";
import { to } from "@/addresses";
import type { Execution } from "@/api/types";
import { Gantt } from "@/features/gantt/Gantt";
import { ExecutionLogs } from "@/features/logs/ExecutionLogs";
import { Metrics } from "@/features/metrics/Metrics";
import { Outputs } from "@/features/outputs/Outputs";
import { countedStates, taskStates } from "@/features/topology/taskStates";
import { CopyText } from "@/kit/CopyText";
import { NavTabs } from "@/kit/NavTabs";
import { Failure, RowsLoading } from "@/kit/Notices";
import { Page } from "@/kit/Page";
import { StateBadge } from "@/kit/StateBadge";
import { Took, When } from "@/kit/When";
import { useParam, useTenant } from "@/url";
import { ExecutionActions } from "./ExecutionActions";
import { ExecutionOverview } from "./ExecutionOverview";
import { executionGraphQuery } from "./queries";
import { useLiveExecution } from "./useLiveExecution";

const Topology = lazy(() =>
  import("@/features/topology/Topology").then((module) => ({ default: module.Topology })),
);

const TABS = ["overview", "gantt", "logs", "topology", "outputs", "metrics"] as const;
type TabId = (typeof TABS)[number];
const FILLING = new Set<TabId>(["gantt", "logs", "topology", "metrics"]);

export function ExecutionPage() {
  const tenant = useTenant();
  const executionId = useParam("executionId");
  const wanted = useParam("tab");
  const tab = TABS.find((id) => id === wanted) ?? "overview";
  const query = useLiveExecution(tenant, executionId);
  if (query.isError && !query.data) return <Failure error={query.error} onRetry={query.refetch} />;
  const execution = query.data;
  if (!execution) return <RowsLoading rows={10} />;
  return (
    <Page
      name={`${execution.flowId} ${execution.id.slice(0, 8)}`}
      fill={FILLING.has(tab)}
      title={
        <Link to={to.flow(tenant, execution.namespace, execution.flowId)} className="link">
          {execution.flowId}
        </Link>
      }
      badge={<StateBadge state={execution.state.current} />}
      aside={<Aside execution={execution} />}
      actions={<ExecutionActions execution={execution} />}
      tabs={
        <NavTabs
          label="Parts of the execution"
          current={tab}
          tabs={TABS.map((id) => ({ id, label: labelOf(id), to: to.execution(tenant, execution.id, id) }))}
        />
      }
    >
      <TabContent tab={tab} execution={execution} />
    </Page>
  );
}

function Aside({ execution }: { execution: Execution }) {
  return (
    <>
      <span style={{ display: "inline-flex", alignItems: "center", gap: 2 }}>
        <span className="mono">{execution.id.slice(0, 8)}</span>
        <CopyText value={execution.id} label="Copy the id of the execution" />
      </span>
      <When date={execution.state.startDate} />
      <Took state={execution.state} />
    </>
  );
}

function TabContent({ tab, execution }: { tab: TabId; execution: Execution }) {
  if (tab === "gantt") return <Gantt execution={execution} />;
  if (tab === "logs") return <ExecutionLogs key={execution.id} execution={execution} />;
  if (tab === "topology") return <ExecutionTopology execution={execution} />;
  if (tab === "outputs") return <Outputs execution={execution} />;
  if (tab === "metrics") return <Metrics execution={execution} />;
  return <ExecutionOverview execution={execution} />;
}

function ExecutionTopology({ execution }: { execution: Execution }) {
  const tenant = useTenant();
  const graph = useQuery(executionGraphQuery(tenant, execution.id));
  const { taskRunList: runs, taskRuns: counted } = execution;
  const states = useMemo(() => (runs ? taskStates(runs) : countedStates(counted)), [runs, counted]);
  const linkOf = useMemo(() => {
    const few = runs?.map(({ id, taskId }) => [taskId, id] as const);
    const newest = new Map(few ?? counted.tasks.map((task) => [task.taskId, task.newest] as const));
    return (taskId: string) => {
      const run = newest.get(taskId);
      return run ? { to: to.execution(tenant, execution.id, "gantt"), search: { run } } : undefined;
    };
  }, [runs, counted, tenant, execution.id]);
  if (graph.isError) return <Failure error={graph.error} onRetry={graph.refetch} />;
  if (!graph.data) return <RowsLoading rows={8} />;
  return (
    <Suspense fallback={<RowsLoading rows={8} />}>
      <Topology graph={graph.data} states={states} linkOf={linkOf} />
    </Suspense>
  );
}

function labelOf(tab: TabId): string {
  return tab.charAt(0).toUpperCase() + tab.slice(1);
}
