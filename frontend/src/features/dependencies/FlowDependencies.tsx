/** What a flow starts and what starts it, and on demand everything that hangs on those. */
import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Failure, RowsLoading } from "@/kit/Notices";
import { useTenant, useUrlState } from "@/url";
import { Dependencies } from "./Dependencies";
import classes from "./Dependencies.module.css";
import { flowDependenciesQuery, namespaceDependenciesQuery } from "./queries";

export function FlowDependencies({ flow }: { flow: { namespace: string; id: string } }) {
  const tenant = useTenant();
  const [search, setSearch] = useUrlState();
  const all = search.reach === "all";
  const graph = useQuery(flowDependenciesQuery(tenant, flow, all));
  if (graph.isError) return <Failure error={graph.error} onRetry={graph.refetch} />;
  if (!graph.data) return <RowsLoading rows={8} />;
  return (
    <>
      {graph.data.edges.length > 0 && (
        <div className={classes.bar}>
          <SegmentedControl
            size="xs"
            aria-label="How far to look"
            value={all ? "all" : "next"}
            onChange={(value) => setSearch({ reach: value === "all" ? "all" : undefined })}
            data={[
              { value: "next", label: "Direct" },
              { value: "all", label: "All" },
            ]}
          />
        </div>
      )}
      <Dependencies graph={graph.data} centre={flow} />
    </>
  );
}

export function NamespaceDependencies({ namespace }: { namespace: string }) {
  const tenant = useTenant();
  const graph = useQuery(namespaceDependenciesQuery(tenant, namespace));
  if (graph.isError) return <Failure error={graph.error} onRetry={graph.refetch} />;
  return graph.data ? <Dependencies graph={graph.data} /> : <RowsLoading rows={8} />;
}
