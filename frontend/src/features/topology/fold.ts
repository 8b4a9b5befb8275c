/** Leaves out of a graph what stands inside of tasks that were closed. */
import type { FlowGraph, GraphEdge } from "@/api/types";

/** How many tasks stand inside of each task that holds any: `root.each.log` stands inside of `root.each`. */
export function holdersOf(graph: FlowGraph): Map<string, number> {
  const holders = new Map<string, number>();
  for (const { cluster } of graph.clusters ?? []) {
    const holder = (cluster?.uid ?? "").replace(/^cluster_/, "");
    const inside = graph.nodes?.filter(({ uid = "", task }) => task && uid.startsWith(`${holder}.`)) ?? [];
    const isTask = graph.nodes?.some(({ uid, task }) => uid === holder && task);
    if (isTask && inside.length > 0) holders.set(holder, inside.length);
  }
  return holders;
}

/** A closed task stands for all that is inside of it, so that what led in and out leads to it and on from it. */
export function folded(graph: FlowGraph, closed: ReadonlySet<string>): FlowGraph {
  if (closed.size === 0) return graph;
  const outermost = [...closed].sort((a, b) => a.length - b.length);
  const around = (uid: string) => outermost.find((holder) => uid.startsWith(`${holder}.`));
  const edges = new Map<string, GraphEdge>();
  for (const edge of graph.edges ?? []) {
    const source = around(edge.source ?? "") ?? edge.source ?? "";
    const target = around(edge.target ?? "") ?? edge.target ?? "";
    const key = `${source} ${target}`;
    if (source !== target && !edges.has(key)) edges.set(key, { ...edge, source, target });
  }
  return {
    ...graph,
    nodes: graph.nodes?.filter(({ uid = "" }) => !around(uid)),
    edges: [...edges.values()],
    clusters: graph.clusters?.filter(({ cluster }) => {
      const holder = (cluster?.uid ?? "").replace(/^cluster_/, "");
      return !closed.has(holder) && !around(holder);
    }),
  };
}
