/** One execution: what it is doing, when it did what, what it wrote and brought out. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useMemo } from "react";
import { to } from "@/addresses";
import type { Execution, TaskRun } from "@/api/types";
import { Gantt } from "@/features/gantt/Gantt";
import { ExecutionLogs } from "@/features/logs/ExecutionLogs";
import { Metrics } from "@/features/metrics/Metrics";
import { Outputs } from "@/features/outputs/Outputs";
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

const NO_RUNS: TaskRun[] = [];
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
  const runs = execution.taskRunList;
  const linkOf = useMemo(() => {
    const last = new Map((runs ?? []).map(({ id, taskId }) => [taskId, id]));
    return (taskId: string) => {
      const run = last.get(taskId);
      return run ? { to: to.execution(tenant, execution.id, "gantt"), search: { run } } : undefined;
    };
  }, [runs, tenant, execution.id]);
  if (graph.isError) return <Failure error={graph.error} onRetry={graph.refetch} />;
  if (!graph.data) return <RowsLoading rows={8} />;
  return (
    <Suspense fallback={<RowsLoading rows={8} />}>
      <Topology graph={graph.data} runs={runs ?? NO_RUNS} linkOf={linkOf} />
    </Suspense>
  );
}

function labelOf(tab: TabId): string {
  return tab.charAt(0).toUpperCase() + tab.slice(1);
}
