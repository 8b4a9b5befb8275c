/** The facts of an execution on one page, what failed first. */

import { IconAlertTriangle, IconPlayerPause } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { to } from "@/addresses";
import type { Execution } from "@/api/types";
import { Doings } from "@/features/audit/Doings";
import { Leaves } from "@/features/outputs/Outputs";
import { CopyText } from "@/kit/CopyText";
import { Facts, Section } from "@/kit/Facts";
import { Labels, labelList } from "@/kit/Labels";
import { StateBadge } from "@/kit/StateBadge";
import { isTerminal } from "@/kit/states";
import { absoluteTime, clockTime, spanText } from "@/kit/time";
import { Took } from "@/kit/When";
import { useTenant } from "@/url";
import classes from "./ExecutionOverview.module.css";
import { useTaskRuns } from "./taskRuns";

const MOST_NAMED = 8;

export function ExecutionOverview({ execution }: { execution: Execution }) {
  const { inputs, outputs, trigger, variables } = execution;
  return (
    <div className={classes.page}>
      <Failures execution={execution} />
      {execution.state.current === "PAUSED" && <Waiting execution={execution} />}
      <div className={classes.columns}>
        <div className={classes.column}>
          <Section title="Execution">
            <About execution={execution} />
          </Section>
          <Section title="States">
            <History execution={execution} />
          </Section>
          <Section title="By whom">
            <Doings execution={execution} />
          </Section>
        </div>
        <div className={classes.column}>
          <Section title="Inputs">
            <Leaves executionId={execution.id} value={inputs ?? {}} prefix="inputs" />
          </Section>
          {outputs && Object.keys(outputs).length > 0 && (
            <Section title="Outputs">
              <Leaves executionId={execution.id} value={outputs} prefix="" />
            </Section>
          )}
          {trigger && (
            <Section title="Trigger">
              <Facts
                facts={[
                  { name: "Trigger", value: trigger.id },
                  { name: "Type", value: <span className="mono">{trigger.type}</span> },
                ]}
              />
              {trigger.variables && (
                <Leaves executionId={execution.id} value={trigger.variables} prefix="trigger" />
              )}
            </Section>
          )}
          {variables && Object.keys(variables).length > 0 && (
            <Section title="Variables">
              <Leaves executionId={execution.id} value={variables} prefix="vars" />
            </Section>
          )}
        </div>
      </div>
    </div>
  );
}

/** Where it waits for a person; the button that answers stands in the page's heading. */
function Waiting({ execution }: { execution: Execution }) {
  const tenant = useTenant();
  const { runs: paused } = useTaskRuns(tenant, execution, { state: "PAUSED" }, MOST_NAMED);
  const leaves = paused.filter(({ id }) => !paused.some(({ parentTaskRunId }) => parentTaskRunId === id));
  return (
    <section className={classes.waiting} aria-label="What it waits for">
      <IconPlayerPause size={16} />
      <div>
        <strong>Waits for somebody to resume it</strong>
        {leaves.length > 0 && <div>at {leaves.map(({ taskId }) => taskId).join(", ")}</div>}
      </div>
    </section>
  );
}

function About({ execution }: { execution: Execution }) {
  const tenant = useTenant();
  const { id, namespace, flowId, flowRevision, state, labels, parentId, originalId, scheduleDate } =
    execution;
  return (
    <Facts
      facts={[
        {
          name: "Id",
          value: (
            <span className={classes.id}>
              <span className="mono">{id}</span>
              <CopyText value={id} label="Copy the id" />
            </span>
          ),
        },
        {
          name: "Flow",
          value: (
            <Link className="link" to={to.flow(tenant, namespace, flowId)}>
              {namespace} / {flowId}
            </Link>
          ),
        },
        {
          name: "Revision",
          value: (
            <Link
              className="link"
              to={to.flow(tenant, namespace, flowId, "revisions")}
              search={{ right: String(flowRevision) } as never}
            >
              {flowRevision}
            </Link>
          ),
        },
        { name: "Labels", value: labelList(labels).length > 0 ? <Labels labels={labels} /> : "None" },
        scheduleDate ? { name: "Scheduled for", value: absoluteTime(scheduleDate) } : undefined,
        { name: "Started", value: state.startDate ? absoluteTime(state.startDate) : "Not yet" },
        state.endDate && isTerminal(state.current)
          ? { name: "Ended", value: absoluteTime(state.endDate) }
          : undefined,
        { name: "Duration", value: <Took state={state} /> },
        parentId ? { name: "Started by", value: <Other id={parentId} /> } : undefined,
        originalId && originalId !== id ? { name: "Replay of", value: <Other id={originalId} /> } : undefined,
      ]}
    />
  );
}

function Other({ id }: { id: string }) {
  const tenant = useTenant();
  return (
    <Link className="link mono" to={to.execution(tenant, id)}>
      {id}
    </Link>
  );
}

function History({ execution }: { execution: Execution }) {
  return (
    <ol className={classes.history}>
      {execution.state.histories?.map(({ state, date }, index, all) => (
        <li key={state + date}>
          <StateBadge state={state} />
          <span className={classes.date}>{clockTime(date)}</span>
          <span className={classes.since}>{index > 0 && `+${spanText(since(all[0]?.date, date))}`}</span>
        </li>
      ))}
    </ol>
  );
}

function since(start: string | undefined, date: string): number {
  return Date.parse(date) - Date.parse(start ?? date);
}

/** The task runs that failed by themselves, not because something in them did. */
function Failures({ execution }: { execution: Execution }) {
  const tenant = useTenant();
  const wanted = { state: "FAILED", leaves: true } as const;
  const { runs: failed, total } = useTaskRuns(tenant, execution, wanted, MOST_NAMED);
  if (total === 0) return null;
  return (
    <section className={classes.failures} aria-label="What failed">
      <IconAlertTriangle size={16} />
      <div>
        <strong>{total === 1 ? "One task failed" : `${total.toLocaleString()} tasks failed`}</strong>
        <ul>
          {failed.map((run) => (
            <li key={run.id}>
              <Link
                className="link"
                to={to.execution(tenant, execution.id, "logs")}
                search={{ run: run.id, level: "WARN" } as never}
              >
                {run.taskId}
                {run.value !== undefined && ` · ${run.value}`}
              </Link>{" "}
              – read its log
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}
