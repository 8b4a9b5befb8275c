/** The columns of a list of executions. */
import { Link } from "@tanstack/react-router";
import { to } from "@/addresses";
import type { ExecutionRow } from "@/api/types";
import type { Column } from "@/kit/DataTable";
import { Labels } from "@/kit/Labels";
import { StateBadge } from "@/kit/StateBadge";
import { Took, When } from "@/kit/When";

const dim = { color: "var(--mantine-color-dimmed)" };

export function executionColumns(tenant: string, ofOneFlow: boolean): Column<ExecutionRow>[] {
  const columns: (Column<ExecutionRow> | false)[] = [
    {
      id: "state",
      header: "State",
      width: "112px",
      sort: "state.current",
      cell: ({ state }) => <StateBadge state={state.current} />,
    },
    {
      id: "id",
      header: "Execution",
      width: ofOneFlow ? "minmax(80px, 2fr)" : "minmax(90px, 1fr)",
      hide: ofOneFlow ? undefined : "narrow",
      sort: "id",
      cell: ({ id }) => (
        <Link to={to.execution(tenant, id)} className="link mono">
          {ofOneFlow ? id : id.slice(0, 8)}
        </Link>
      ),
    },
    !ofOneFlow && {
      id: "flow",
      header: "Flow",
      width: "minmax(90px, 2fr)",
      sort: "flowId",
      cell: ({ namespace, flowId }) => (
        <Link to={to.flow(tenant, namespace, flowId)} className="link" style={{ fontWeight: 500 }}>
          {flowId}
        </Link>
      ),
    },
    !ofOneFlow && {
      id: "namespace",
      header: "Namespace",
      width: "minmax(100px, 1.3fr)",
      hide: "medium",
      cell: ({ namespace }) => <span style={dim}>{namespace}</span>,
    },
    {
      id: "labels",
      header: "Labels",
      width: "minmax(110px, 1.6fr)",
      hide: "medium",
      cell: ({ labels }) => <Labels labels={labels} limit={2} oneLine />,
    },
    {
      id: "trigger",
      header: "Started by",
      width: "110px",
      hide: "narrow",
      cell: ({ trigger }) => <span style={dim}>{trigger?.id ?? "Person or API"}</span>,
    },
    {
      id: "start",
      header: "Started",
      width: "120px",
      sort: "state.startDate",
      hide: "narrow",
      cell: ({ state }) => <When date={state.startDate} />,
    },
    {
      id: "took",
      header: "Duration",
      width: "84px",
      align: "end",
      sort: "state.duration",
      cell: ({ state }) => <Took state={state} />,
    },
  ];
  return columns.filter((column) => column !== false);
}
