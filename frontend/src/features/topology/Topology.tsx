/** A flow as a graph; with task runs, in their colours. */
import "@xyflow/react/dist/style.css";
import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import {
  Background,
  Controls,
  type Edge,
  Handle,
  MarkerType,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from "@xyflow/react";
import { useMemo } from "react";
import type { FlowGraph, TaskRun } from "@/api/types";
import { stateName, toneOf } from "@/kit/states";
import { type Box, type Direction, fittingPicture, type Picture, type Placed } from "./layout";
import classes from "./Topology.module.css";
import { type TaskState, taskStates } from "./taskStates";

interface TopologyProps {
  graph: FlowGraph;
  runs?: TaskRun[];
  onTask?: (taskId: string) => void;
  /** The engine decides what a dynamic task adds; the picture shows what the flow says. */
  height?: number | string;
}

interface TaskData extends Record<string, unknown> {
  placed: Placed;
  direction: Direction;
  state: TaskState | undefined;
  watched: boolean;
}

const nodeTypes = { task: TaskNode, trigger: TaskNode, point: PointNode, box: BoxNode };

export function Topology({ graph, runs, onTask, height = "100%" }: TopologyProps) {
  const { ref, width, height: tall } = useElementSize();
  const scheme = useComputedColorScheme();
  const { drawn, direction } = useMemo(
    () => fittingPicture(graph, width || 1000, tall || 600),
    [graph, width, tall],
  );
  const states = useMemo(() => (runs ? taskStates(runs) : undefined), [runs]);
  const nodes = useMemo(() => nodesOf(drawn, direction, states), [drawn, direction, states]);
  const edges = useMemo(() => edgesOf(drawn, states), [drawn, states]);
  return (
    <section ref={ref} className={classes.canvas} style={{ height }} aria-label="Topology">
      <ReactFlow
        key={`${direction} ${width > 0}`}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        colorMode={scheme}
        fitView
        fitViewOptions={{ padding: 0.12, maxZoom: 1.1 }}
        minZoom={0.1}
        nodesDraggable={false}
        nodesConnectable={false}
        elementsSelectable={Boolean(onTask)}
        onNodeClick={(_, node) => {
          const { placed } = node.data as Partial<TaskData>;
          if (placed?.node.task) onTask?.(placed.node.task.id);
        }}
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={20} size={1} />
        <Controls showInteractive={false} />
      </ReactFlow>
    </section>
  );
}

function nodesOf(
  { nodes, boxes }: Picture,
  direction: Direction,
  states: Map<string, TaskState> | undefined,
): Node[] {
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
    data: { placed, direction, watched: states !== undefined, state: states?.get(placed.title) },
    width: placed.width,
    height: placed.height,
    focusable: placed.kind !== "point",
  }));
  return [...around, ...tasks];
}

function edgesOf({ nodes, edges }: Picture, states: Map<string, TaskState> | undefined): Edge[] {
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
  const { placed, direction, state, watched } = data as TaskData;
  const shortType = placed.type.split(".").slice(-2).join(".");
  return (
    <div
      className={classes.task}
      data-tone={state ? toneOf(state.state) : undefined}
      data-idle={(watched && !state) || undefined}
      data-trigger={placed.kind === "trigger" || undefined}
      title={placed.type}
    >
      <Handle
        type="target"
        position={direction === "LR" ? Position.Left : Position.Top}
        className={classes.handle}
      />
      <div className={classes.title}>{placed.title}</div>
      <div className={classes.type}>
        {shortType}
        {state && (
          <span className={classes.state}>
            {state.runs > 1 ? `${state.ended}/${state.runs}` : stateName(state.state)}
          </span>
        )}
      </div>
      <Handle
        type="source"
        position={direction === "LR" ? Position.Right : Position.Bottom}
        className={classes.handle}
      />
    </div>
  );
}

function PointNode({ data }: NodeProps) {
  const { direction } = data as TaskData;
  return (
    <div className={classes.point}>
      <Handle
        type="target"
        position={direction === "LR" ? Position.Left : Position.Top}
        className={classes.handle}
      />
      <Handle
        type="source"
        position={direction === "LR" ? Position.Right : Position.Bottom}
        className={classes.handle}
      />
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
