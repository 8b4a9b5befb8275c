/** Places the nodes of a flow's graph. */
import { Graph, layout } from "@dagrejs/dagre";
import type { FlowGraph, GraphEdge, GraphNode } from "@/api/types";

export interface Placed {
  uid: string;
  kind: "task" | "trigger" | "point";
  title: string;
  type: string;
  x: number;
  y: number;
  width: number;
  height: number;
  node: GraphNode;
}

export interface Box {
  uid: string;
  label: string;
  x: number;
  y: number;
  width: number;
  height: number;
  depth: number;
}

export interface Picture {
  nodes: Placed[];
  boxes: Box[];
  edges: {
    id: string;
    source: string;
    target: string;
    label: string | undefined;
    relation: string | undefined;
  }[];
}

const SIZES = { task: [216, 48], trigger: [180, 40], point: [10, 10] } as const;
const PADDING = 18;

export type Direction = "LR" | "TB";

/** Drawn in the direction in which it can be shown larger. */
export function fittingPicture(
  graph: FlowGraph,
  width: number,
  height: number,
): { drawn: Picture; direction: Direction } {
  const [best] = (["LR", "TB"] as const)
    .map((direction) => ({ direction, drawn: picture(graph, direction) }))
    .map((one) => ({ ...one, scale: scaleOf(one.drawn, width, height) }))
    .sort((a, b) => b.scale - a.scale);
  return best ?? { direction: "TB", drawn: { nodes: [], boxes: [], edges: [] } };
}

function scaleOf({ nodes }: Picture, width: number, height: number): number {
  const right = Math.max(1, ...nodes.map((node) => node.x + node.width));
  const bottom = Math.max(1, ...nodes.map((node) => node.y + node.height));
  return Math.min(1, width / right, height / bottom);
}

export function picture(graph: FlowGraph, direction: Direction): Picture {
  const dagre = new Graph({ compound: true });
  dagre.setGraph({ rankdir: direction, nodesep: 28, ranksep: 52, marginx: 16, marginy: 16 });
  dagre.setDefaultEdgeLabel(() => ({}));
  const nodes = (graph.nodes ?? []) as GraphNode[];
  const known = new Set<string>();
  for (const node of nodes) {
    const uid = node.uid ?? "";
    const [width, height] = SIZES[kindOf(node)];
    known.add(uid);
    dagre.setNode(uid, { width, height });
  }
  for (const { cluster, nodes: members = [] } of graph.clusters ?? []) {
    const uid = cluster?.uid;
    if (!isBox(uid) || members.length === 0) continue;
    dagre.setNode(boxId(uid), {});
    known.add(boxId(uid));
  }
  nest(dagre, graph, known);
  const edges = (graph.edges ?? []).filter(
    ({ source, target }) => known.has(source ?? "") && known.has(target ?? ""),
  );
  const branches = new Set(nodes.filter(({ branchType }) => branchType).map(({ uid }) => uid));
  for (const { source = "", target = "" } of edges) {
    // What handles errors stands near the start, not beside the end it leads to.
    dagre.setEdge(source, target, { weight: branches.has(source) ? 0 : branches.has(target) ? 4 : 1 });
  }
  layout(dagre);
  return {
    nodes: nodes.map((node) => placed(dagre, node)),
    boxes: boxesOf(graph, dagre),
    edges: edges.map(describeEdge),
  };
}

/** A node belongs to its innermost cluster, a cluster to the one around it. */
function nest(dagre: Graph, graph: FlowGraph, known: Set<string>): void {
  const clusters = graph.clusters ?? [];
  for (const { cluster, parents = [] } of clusters) {
    const parent = parents[parents.length - 1];
    const uid = cluster?.uid;
    if (isBox(uid) && parent && known.has(boxId(parent)) && known.has(boxId(uid))) {
      dagre.setParent(boxId(uid), boxId(parent));
    }
  }
  const inward = [...clusters].sort((a, b) => (a.parents?.length ?? 0) - (b.parents?.length ?? 0));
  for (const { cluster, nodes: members = [] } of inward) {
    const uid = cluster?.uid;
    if (!isBox(uid)) continue;
    for (const member of members) if (known.has(member)) dagre.setParent(member, boxId(uid));
  }
}

function placed(dagre: Graph, node: GraphNode): Placed {
  const uid = node.uid ?? "";
  const { x = 0, y = 0, width = 0, height = 0 } = dagre.node(uid) as Partial<Placed>;
  const kind = kindOf(node);
  const title = node.task?.id ?? node.triggerDeclaration?.id ?? "";
  const type = node.task?.type ?? node.triggerDeclaration?.type ?? "";
  return { uid, kind, title, type, x: x - width / 2, y: y - height / 2, width, height, node };
}

function boxesOf(graph: FlowGraph, dagre: Graph): Box[] {
  return (graph.clusters ?? []).flatMap(({ cluster, nodes = [], parents = [] }) => {
    const uid = cluster?.uid;
    if (!isBox(uid) || nodes.length === 0) return [];
    const { x = 0, y = 0, width = 0, height = 0 } = dagre.node(boxId(uid)) as Partial<Box>;
    const grown = { width: width + PADDING, height: height + PADDING };
    return [
      {
        uid: boxId(uid),
        label: boxLabel(uid),
        x: x - grown.width / 2,
        y: y - grown.height / 2,
        ...grown,
        depth: parents.length,
      },
    ];
  });
}

function describeEdge({ source = "", target = "", relation }: GraphEdge) {
  return {
    id: `${source}→${target}`,
    source,
    target,
    label: relation?.value ?? undefined,
    relation: relation?.relationType ?? undefined,
  };
}

function kindOf(node: GraphNode): Placed["kind"] {
  if (node.task) return "task";
  return node.triggerDeclaration ? "trigger" : "point";
}

/** The cluster of the whole flow is the canvas itself. */
function isBox(uid: string | undefined): uid is string {
  return Boolean(uid) && uid !== "cluster_root";
}

function boxId(uid: string): string {
  return `box ${uid}`;
}

/** `cluster_root.by_category` is the box of `by_category`. */
function boxLabel(uid: string): string {
  return (
    uid
      .replace(/^cluster_/, "")
      .split(".")
      .pop() ?? uid
  );
}
