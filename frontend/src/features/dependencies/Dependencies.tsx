/** Which flow leads to which, each in the colour of how it last went. */
import { useMediaQuery } from "@mantine/hooks";
import { IconAffiliate } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type Edge, MarkerType, type Node, type NodeProps } from "@xyflow/react";
import { useMemo } from "react";
import { to } from "@/addresses";
import type { FlowDependencies } from "@/api/types";
import { Canvas, Ends } from "@/kit/Canvas";
import { Empty } from "@/kit/Notices";
import { StateDot } from "@/kit/StateBadge";
import { stateName, toneOf } from "@/kit/states";
import { useTenant } from "@/url";
import classes from "./Dependencies.module.css";
import { dependencyPicture, FLOW_SIZE, type FlowNode } from "./layout";
import { type Last, useLastStates } from "./useLastStates";

interface DependenciesProps {
  graph: FlowDependencies;
  /** The flow whose dependencies these are. */
  centre?: { namespace: string; id: string };
}

interface FlowData extends Record<string, unknown> {
  flow: FlowNode;
  last: Last | undefined;
  isCentre: boolean;
  down: boolean;
}

const nodeTypes = { flow: FlowBox };

export function Dependencies({ graph, centre }: DependenciesProps) {
  const tenant = useTenant();
  // On a narrow screen a graph that goes down is shown larger than one that goes across.
  const down = useMediaQuery("(max-width: 700px)", undefined, { getInitialValueInEffect: false });
  const picture = useMemo(() => dependencyPicture(graph, down ? "TB" : "LR"), [graph, down]);
  const last = useLastStates(tenant, graph.nodes);
  const nodes = picture.flows.map(
    ({ flow, x, y }): Node<FlowData> => ({
      id: flow.uid,
      type: "flow",
      position: { x, y },
      data: {
        flow,
        last: last.get(`${flow.namespace}/${flow.id}`),
        down: down ?? false,
        isCentre: flow.namespace === centre?.namespace && flow.id === centre.id,
      },
      ...FLOW_SIZE,
      focusable: false,
      selectable: false,
    }),
  );
  const edges = picture.links.map(
    ({ id, source, target, waits }): Edge => ({
      id,
      source,
      target,
      label: waits ? "then" : undefined,
      className: waits ? classes.waits : undefined,
      markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16 },
      focusable: false,
    }),
  );
  if (nodes.length === 0) return <None alone={picture.alone} />;
  return (
    <>
      <Canvas
        label="Dependencies"
        className={classes.canvas}
        shape={`${down} ${nodes.map(({ id }) => id).join()}`}
        padding={0.15}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
      />
      {!centre && picture.alone.length > 0 && <Alone flows={picture.alone} />}
    </>
  );
}

function FlowBox({ data }: NodeProps) {
  const tenant = useTenant();
  const { flow, last, isCentre, down } = data as FlowData;
  return (
    <div className={classes.flow} data-centre={isCentre || undefined} data-tone={last && toneOf(last.state)}>
      <Link
        to={to.flow(tenant, flow.namespace, flow.id, "dependencies")}
        className={classes.name}
        title={flow.id}
        aria-current={isCentre ? "page" : undefined}
      >
        {flow.id}
      </Link>
      <div className={classes.about}>
        <span className={classes.namespace} title={flow.namespace}>
          {flow.namespace}
        </span>
        {last && (
          <Link to={to.execution(tenant, last.executionId)} className={classes.state}>
            {stateName(last.state)}
          </Link>
        )}
      </div>
      <Ends down={down} />
    </div>
  );
}

function Alone({ flows }: { flows: FlowNode[] }) {
  const tenant = useTenant();
  return (
    <section className={classes.alone} aria-label="Flows without dependencies">
      <span className={classes.aloneTitle}>
        {flows.length === 1 ? "One flow stands alone" : `${flows.length} flows stand alone`}
      </span>
      {flows.slice(0, 60).map((flow) => (
        <Link
          key={flow.uid}
          to={to.flow(tenant, flow.namespace, flow.id)}
          className={classes.chip}
          title={flow.namespace}
        >
          <StateDot state={undefined} />
          {flow.id}
        </Link>
      ))}
    </section>
  );
}

function None({ alone }: { alone: FlowNode[] }) {
  return (
    <Empty icon={IconAffiliate} title="No dependencies">
      {alone.length > 1
        ? "None of these flows starts another one or waits for one."
        : "This flow starts no other one, and none starts it."}{" "}
      A <code>Subflow</code> task or a <code>Flow</code> trigger makes a dependency.
    </Empty>
  );
}
