/** A flow at a glance: what it says about itself, its inputs and outputs, and how it has been going. */
import { Text } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { to } from "@/addresses";
import type { ExecutionRow, FlowInput, FlowTask, FlowWithSource } from "@/api/types";
import { useRecent } from "@/features/charts/recent";
import { FlowTriggers } from "@/features/triggers/FlowTriggers";
import { Facts, Section } from "@/kit/Facts";
import { Empty } from "@/kit/Notices";
import { type Figure, Numbers } from "@/kit/Numbers";
import { StateBadge } from "@/kit/StateBadge";
import { isTerminal, stateName, toneOf } from "@/kit/states";
import { parseDuration, shortTime, spanText } from "@/kit/time";
import { valueText } from "@/kit/Value";
import { Took, When } from "@/kit/When";
import { useTenant } from "@/url";
import classes from "./FlowOverview.module.css";
import { Given } from "./Given";
import { plainMarkdown } from "./markdown";
import { runStats } from "./runStats";

export function FlowOverview({ flow }: { flow: FlowWithSource }) {
  const inputs = (flow.inputs ?? []) as FlowInput[];
  return (
    <div className={classes.page}>
      {flow.description && (
        <div className={classes.wide}>
          <Text size="sm">{plainMarkdown(flow.description)}</Text>
        </div>
      )}
      <div className={classes.wide}>
        <Section title="Last executions">
          <div className={classes.recentBox}>
            <Recent flow={flow} />
          </div>
        </Section>
      </div>
      <Section title="Inputs">
        {inputs.length === 0 && <None>Takes no inputs.</None>}
        <Facts
          facts={inputs.map((input) => ({
            name: input.id,
            value: (
              <>
                <span className={classes.type}>{input.type}</span>
                {input.required === false && <span className={classes.type}>optional</span>}
                {input.description && <div>{input.description}</div>}
                {input.defaults !== undefined && (
                  <div className={classes.dim}>
                    default <code>{valueText(input.defaults)}</code>
                  </div>
                )}
              </>
            ),
          }))}
        />
      </Section>
      <Section title="Tasks">
        <TaskTree tasks={flow.tasks as FlowTask[]} />
      </Section>
      <Section title="Outputs">
        {!flow.outputs?.length && <None>Puts nothing out of its own; its tasks may.</None>}
        <Facts facts={(flow.outputs ?? []).map(({ id, type }) => ({ name: id, value: type }))} />
      </Section>
      <FlowTriggers flow={flow} />
      <Given flow={flow} />
    </div>
  );
}

const SHOWN = 40;

function Recent({ flow }: { flow: FlowWithSource }) {
  const tenant = useTenant();
  const search = { namespace: flow.namespace, flowId: flow.id };
  const recent = useRecent(tenant, search);
  if (!recent.data) return null;
  const rows = recent.data.results.slice(0, SHOWN);
  if (rows.length === 0) {
    return (
      <Empty icon={IconPlayerPlay} title="It has not run yet">
        Press Execute. How long it takes and how it ends is seen here.
      </Empty>
    );
  }
  return (
    <>
      <Numbers figures={figuresOf(recent.data.results, recent.data.total)} />
      <Bars rows={[...rows].reverse()} />
      <ul className={classes.recent}>
        {rows.slice(0, 5).map((row) => (
          <li key={row.id}>
            <StateBadge state={row.state.current} />
            <Link className="link mono" to={to.execution(tenant, row.id)}>
              {row.id.slice(0, 8)}
            </Link>
            <span className={classes.dim}>
              <When date={row.state.startDate} />
            </span>
            <Took state={row.state} />
          </li>
        ))}
      </ul>
    </>
  );
}

function figuresOf(rows: ExecutionRow[], total = rows.length): Figure[] {
  const { ended, succeeded, median, p95 } = runStats(rows);
  return [
    { name: "Executions", value: total.toLocaleString() },
    ...(succeeded === undefined
      ? []
      : [
          {
            name: ended < total ? `Succeeded, of the last ${ended}` : "Succeeded",
            value: `${succeeded} %`,
            tone:
              succeeded >= 95 ? ("good" as const) : succeeded >= 75 ? ("warn" as const) : ("bad" as const),
          },
        ]),
    ...(median === undefined ? [] : [{ name: "Half take at most", value: spanText(median) }]),
    ...(p95 === undefined ? [] : [{ name: "95 % take at most", value: spanText(p95) }]),
  ];
}

/** One bar an execution, as tall as it took, in the colour of how it ended. */
function Bars({ rows }: { rows: ExecutionRow[] }) {
  const tenant = useTenant();
  const lengths = rows.map(({ state }) =>
    isTerminal(state.current) ? (parseDuration(state.duration ?? "") ?? 0) : 0,
  );
  const longest = Math.max(1, ...lengths);
  return (
    <div className={classes.bars}>
      {rows.map((row, index) => (
        <Link
          key={row.id}
          to={to.execution(tenant, row.id)}
          className={classes.bar}
          data-tone={toneOf(row.state.current)}
          style={{ height: `${12 + 88 * ((lengths[index] ?? 0) / longest)}%` }}
          title={titleOf(row, lengths[index] ?? 0)}
          aria-label={`Execution ${row.id.slice(0, 8)}: ${row.state.current}`}
        />
      ))}
    </div>
  );
}

function titleOf({ state }: ExecutionRow, length: number): string {
  return [stateName(state.current), state.startDate && shortTime(state.startDate), spanText(length)]
    .filter(Boolean)
    .join(", ");
}

function TaskTree({ tasks }: { tasks: FlowTask[] }) {
  return (
    <ul className={classes.tree}>
      {tasks.map((task) => (
        <li key={task.id}>
          <span className={classes.task}>{task.id}</span>
          <span className={classes.dim}>{task.type.split(".").slice(-2).join(".")}</span>
          {nestedOf(task).map(([name, nested]) => (
            <div key={name} className={classes.nested}>
              {name !== "tasks" && <span className={classes.branch}>{name}</span>}
              <TaskTree tasks={nested} />
            </div>
          ))}
        </li>
      ))}
    </ul>
  );
}

function nestedOf(task: FlowTask): [string, FlowTask[]][] {
  const branches: [string, FlowTask[] | undefined][] = [
    ["tasks", task.tasks],
    ["then", task.then],
    ...Object.entries(task.cases ?? {}),
    ["else", task.else],
    ["errors", task.errors],
    ["finally", task.finally],
  ];
  return branches.filter((branch): branch is [string, FlowTask[]] => Array.isArray(branch[1]));
}

function None({ children }: { children: string }) {
  return <p className={classes.none}>{children}</p>;
}
