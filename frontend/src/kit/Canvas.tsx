/** A framed graph to look at: it can be moved and zoomed, and its nodes stay where they were put. */
import "@xyflow/react/dist/style.css";
import { useComputedColorScheme } from "@mantine/core";
import { Background, Controls, Handle, Position, ReactFlow, type ReactFlowProps } from "@xyflow/react";
import type { ComponentProps } from "react";
import classes from "./Canvas.module.css";

interface CanvasProps
  extends Pick<ReactFlowProps, "nodes" | "edges" | "nodeTypes" | "elementsSelectable" | "children">,
    Pick<ComponentProps<"section">, "ref" | "style"> {
  label: string;
  className: string | undefined;
  /** A graph with another shape is fitted into the frame anew. */
  shape: string;
  /** The share of the frame that stays free around the graph. */
  padding: number;
}

export function Canvas({ label, className, ref, style, shape, padding, children, ...graph }: CanvasProps) {
  const scheme = useComputedColorScheme();
  return (
    <section ref={ref} className={`${classes.canvas} ${className}`} style={style} aria-label={label}>
      <ReactFlow
        key={shape}
        {...graph}
        colorMode={scheme}
        fitView
        fitViewOptions={{ padding, maxZoom: 1.1 }}
        minZoom={0.1}
        nodesDraggable={false}
        nodesConnectable={false}
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={20} size={1} />
        <Controls showInteractive={false} />
        {children}
      </ReactFlow>
    </section>
  );
}

/** Where edges meet a node: above and below in a graph that goes down, else left and right. */
export function Ends({ down }: { down: boolean }) {
  return (
    <>
      <Handle type="target" position={down ? Position.Top : Position.Left} className={classes.handle} />
      <Handle type="source" position={down ? Position.Bottom : Position.Right} className={classes.handle} />
    </>
  );
}
