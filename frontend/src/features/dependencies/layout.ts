/** Places flows so that what leads to another stands before it. */
import { Graph, layout } from "@dagrejs/dagre";
import type { FlowDependencies } from "@/api/types";

export type FlowNode = FlowDependencies["nodes"][number];

export interface PlacedFlow {
  flow: FlowNode;
  x: number;
  y: number;
}

export interface DependencyLink {
  id: string;
  source: string;
  target: string;
  /** The target waits for the source to end, rather than being started by it. */
  waits: boolean;
}

export interface DependencyPicture {
  flows: PlacedFlow[];
  links: DependencyLink[];
  /** Flows that neither lead to another nor follow one. */
  alone: FlowNode[];
}

export const FLOW_SIZE = { width: 220, height: 52 };

export function dependencyPicture(
  { nodes, edges }: FlowDependencies,
  direction: "LR" | "TB" = "LR",
): DependencyPicture {
  const linked = new Set(edges.flatMap(({ source, target }) => [source, target]));
  const drawn = nodes.filter(({ uid }) => linked.has(uid));
  const known = new Set(drawn.map(({ uid }) => uid));
  const links = edges.flatMap(({ source, target, relation }) =>
    known.has(source) && known.has(target)
      ? [
          {
            id: `${source}→${target} ${relation}`,
            source,
            target,
            waits: relation === "FLOW_TRIGGER",
          },
        ]
      : [],
  );
  const dagre = new Graph();
  dagre.setGraph({
    rankdir: direction,
    nodesep: 22,
    ranksep: direction === "LR" ? 90 : 56,
    marginx: 16,
    marginy: 16,
  });
  dagre.setDefaultEdgeLabel(() => ({}));
  for (const { uid } of drawn) dagre.setNode(uid, { ...FLOW_SIZE });
  for (const { source, target } of links) dagre.setEdge(source, target);
  layout(dagre);
  return {
    flows: drawn.map((flow) => {
      const { x = 0, y = 0 } = dagre.node(flow.uid) as { x?: number; y?: number };
      return { flow, x: x - FLOW_SIZE.width / 2, y: y - FLOW_SIZE.height / 2 };
    }),
    links,
    alone: nodes.filter(({ uid }) => !linked.has(uid)),
  };
}
