/** A flow as a graph; with task runs, in their colours. */
import { Button } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { type Edge, MarkerType, type Node, type NodeProps, Panel } from "@xyflow/react";
import { useMemo, useState } from "react";
import type { FlowGraph } from "@/api/types";
import { Canvas, Ends } from "@/kit/Canvas";
import { stateName, toneOf } from "@/kit/states";
import { folded, holdersOf } from "./fold";
import { type Box, type Direction, fittingPicture, type Picture, type Placed } from "./layout";
import classes from "./Topology.module.css";
import type { TaskState } from "./taskStates";

interface TopologyProps {
  graph: FlowGraph;
  /** What each task is doing; without it the graph is that of a flow. */
  states?: ReadonlyMap<string, TaskState>;
  /** Where the name of a task leads. */
  linkOf?: (taskId: string) => TaskLink | undefined;
  /** The engine decides what a dynamic task adds; the picture shows what the flow says. */
  height?: number | string;
}

export interface TaskLink {
  to: string;
  search: Record<string, string>;
}

interface TaskData extends Record<string, unknown> {
  placed: Placed;
  direction: Direction;
  state: TaskState | undefined;
  watched: boolean;
  link: TaskLink | undefined;
  /** How many tasks it holds, and whether they are hidden. */
  holds: number;
  closed: boolean;
  onFold: (uid: string) => void;
}

const nodeTypes = { task: TaskNode, trigger: TaskNode, point: PointNode, box: BoxNode };

export function Topology({ graph, states, linkOf, height = "100%" }: TopologyProps) {
  const { ref, width, height: tall } = useElementSize();
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const holders = useMemo(() => holdersOf(graph), [graph]);
  const { drawn, direction } = useMemo(
    () => fittingPicture(folded(graph, closed), width || 1000, tall || 600),
    [graph, closed, width, tall],
  );
  const nodes = useMemo(() => {
    const onFold = (uid: string) => setClosed((before) => toggled(before, uid));
    return nodesOf(drawn, (placed) => ({
      placed,
      direction,
      watched: states !== undefined,
      state: states?.get(placed.title),
      link: placed.title ? linkOf?.(placed.title) : undefined,
      holds: holders.get(placed.uid) ?? 0,
      closed: closed.has(placed.uid),
      onFold,
    }));
  }, [drawn, direction, states, linkOf, holders, closed]);
  const edges = useMemo(() => edgesOf(drawn, states), [drawn, states]);
  return (
    <Canvas
      ref={ref}
      label="Topology"
      className={classes.canvas}
      style={{ height }}
      shape={`${direction} ${width > 0} ${closed.size}`}
      padding={0.12}
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      elementsSelectable={false}
    >
      {holders.size > 0 && (
        <Panel position="top-right">
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => setClosed(closed.size > 0 ? new Set() : new Set(holders.keys()))}
          >
            {closed.size > 0 ? "Open all" : "Close all"}
          </Button>
        </Panel>
      )}
    </Canvas>
  );
}

function nodesOf({ nodes, boxes }: Picture, dataOf: (placed: Placed) => TaskData): Node[] {
  const around = boxes.map((box) => ({
    id: box.uid,
    type: "box",
    position: { x: box.x, y: box.y },
    data: { box },
    width: box.width,
    height: box.height,
    zIndex: box.depth - 100,
    selectable: false,
    focusable: false,
  }));
  const tasks = nodes.map((placed) => ({
    id: placed.uid,
    type: placed.kind,
    position: { x: placed.x, y: placed.y },
    data: dataOf(placed),
    width: placed.width,
    height: placed.height,
    focusable: false,
  }));
  return [...around, ...tasks];
}

function edgesOf({ nodes, edges }: Picture, states: ReadonlyMap<string, TaskState> | undefined): Edge[] {
  const titles = new Map(nodes.map(({ uid, title }) => [uid, title]));
  return edges.map(({ id, source, target, label, relation }) => ({
    id,
    source,
    target,
    label,
    type: "smoothstep",
    animated: states?.get(titles.get(target) ?? "")?.state === "RUNNING",
    className: relation === "ERROR" ? classes.errorEdge : undefined,
    markerEnd: titles.get(target) ? { type: MarkerType.ArrowClosed, width: 14, height: 14 } : undefined,
    focusable: false,
  }));
}

function TaskNode({ data }: NodeProps) {
  const { placed, direction, state, watched, link, holds, closed, onFold } = data as TaskData;
  const shortType = placed.type.split(".").slice(-2).join(".");
  return (
    <div
      className={classes.task}
      data-tone={state ? toneOf(state.state) : undefined}
      data-idle={(watched && !state) || undefined}
      data-trigger={placed.kind === "trigger" || undefined}
      title={placed.type}
    >
      <div className={classes.title}>
        {link ? (
          <Link to={link.to} search={link.search as never} className="link nodrag">
            {placed.title}
          </Link>
        ) : (
          placed.title
        )}
      </div>
      {holds > 0 && (
        <button
          type="button"
          className={`${classes.fold} nodrag nopan`}
          aria-expanded={!closed}
          aria-label={`${closed ? "Show" : "Hide"} what is in ${placed.title}`}
          onClick={() => onFold(placed.uid)}
        >
          {closed ? `+${holds}` : "–"}
        </button>
      )}
      <div className={classes.type}>
        {shortType}
        {state && (
          <span className={classes.state}>
            {state.runs > 1 ? `${state.ended}/${state.runs}` : stateName(state.state)}
          </span>
        )}
      </div>
      <Ends down={direction === "TB"} />
    </div>
  );
}

function PointNode({ data }: NodeProps) {
  const { direction } = data as TaskData;
  return (
    <div className={classes.point}>
      <Ends down={direction === "TB"} />
    </div>
  );
}

function BoxNode({ data }: NodeProps) {
  const { box } = data as { box: Box };
  return (
    <div className={classes.box} style={{ width: box.width, height: box.height }}>
      <span className={classes.boxLabel}>{box.label}</span>
    </div>
  );
}

function toggled(set: ReadonlySet<string>, uid: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(uid)) next.add(uid);
  return next;
}
