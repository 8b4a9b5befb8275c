/** One task run opened: its attempts, its history, and what can be done with it. */
import { Button, Menu } from "@mantine/core";
import { IconFileText, IconFlag, IconPackageExport, IconPlayerTrackNext } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { to } from "@/addresses";
import type { Execution, TaskRun } from "@/api/types";
import { replay, setTaskRunState } from "@/features/executions/commands";
import { CopyText } from "@/kit/CopyText";
import { confirm } from "@/kit/confirm";
import { Facts } from "@/kit/Facts";
import { done } from "@/kit/notify";
import { StateBadge } from "@/kit/StateBadge";
import { isTerminal } from "@/kit/states";
import { clockTime } from "@/kit/time";
import { Took } from "@/kit/When";
import { useTenant } from "@/url";
import classes from "./TaskRunDetail.module.css";

export function TaskRunDetail({ execution, run }: { execution: Execution; run: TaskRun }) {
  const tenant = useTenant();
  const attempts = run.attempts ?? [];
  return (
    <div className={classes.detail}>
      <div className={classes.actions}>
        <Button
          variant="default"
          component={Link}
          to={to.execution(tenant, execution.id, "logs")}
          search={{ run: run.id } as never}
          leftSection={<IconFileText size={14} />}
        >
          Logs
        </Button>
        <Button
          variant="default"
          component={Link}
          to={to.execution(tenant, execution.id, "outputs")}
          search={{ run: run.id } as never}
          leftSection={<IconPackageExport size={14} />}
        >
          Outputs
        </Button>
        {isTerminal(execution.state.current) && <Repeat tenant={tenant} execution={execution} run={run} />}
      </div>
      <Facts
        facts={[
          {
            name: "Task run",
            value: (
              <span className={classes.id}>
                <span className="mono">{run.id}</span>
                <CopyText value={run.id} label="Copy the id" />
              </span>
            ),
          },
          {
            name: "States",
            value: (
              <span className={classes.states}>
                {run.state.histories?.map(({ state, date }) => (
                  <span key={state + date} className={classes.step}>
                    <StateBadge state={state} /> {clockTime(date)}
                  </span>
                ))}
              </span>
            ),
          },
          attempts.length > 0 && {
            name: attempts.length === 1 ? "Attempt" : "Attempts",
            value: attempts.map((attempt, index) => (
              <div key={index} className={classes.attempt}>
                {index + 1}. <StateBadge state={attempt.state.current} /> <Took state={attempt.state} />
                {attempt.workerId && <span className="mono">{attempt.workerId}</span>}
              </div>
            )),
          },
        ]}
      />
    </div>
  );
}

function Repeat({ tenant, execution, run }: { tenant: string; execution: Execution; run: TaskRun }) {
  const navigate = useNavigate();
  const target = { tenant, executionId: execution.id };

  const askReplay = () =>
    confirm({
      title: "Replay from this task",
      name: `${execution.flowId} from ${run.taskId}`,
      text: "A new execution starts with this task; the outputs of the tasks before it are taken over.",
      verb: "Replay",
      run: async () => {
        const next = await replay(target, { taskRunId: run.id });
        await navigate({ to: to.execution(tenant, next.id, "gantt") });
      },
    });

  const askState = (state: "SUCCESS" | "WARNING" | "FAILED") =>
    confirm({
      title: "Change the state of a task run",
      name: `${run.taskId}: ${state}`,
      text: "The execution goes on as if the task had ended so.",
      verb: "Change state",
      run: async () => {
        await setTaskRunState(target, run.id, state);
        done(`${run.taskId} is now ${state}`);
      },
    });

  return (
    <>
      <Button variant="default" onClick={askReplay} leftSection={<IconPlayerTrackNext size={14} />}>
        Replay from here
      </Button>
      <Menu>
        <Menu.Target>
          <Button variant="default" leftSection={<IconFlag size={14} />}>
            Change state
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {(["SUCCESS", "WARNING", "FAILED"] as const)
            .filter((state) => state !== run.state.current)
            .map((state) => (
              <Menu.Item key={state} onClick={() => askState(state)}>
                <StateBadge state={state} />
              </Menu.Item>
            ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
