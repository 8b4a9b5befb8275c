/** What can be done with one execution in its present state. */
import { Button, Menu } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconDotsVertical,
  IconFlag,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  IconRefresh,
  IconReload,
  IconTags,
  IconTrash,
} from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { to } from "@/addresses";
import type { Execution } from "@/api/types";
import { ReplayDialog } from "@/features/inputs/ReplayDialog";
import { ResumeDialog } from "@/features/inputs/ResumeDialog";
import { confirm } from "@/kit/confirm";
import { labelList } from "@/kit/Labels";
import { done, failed } from "@/kit/notify";
import { useShortcut } from "@/kit/shortcuts";
import { isTerminal } from "@/kit/states";
import { useTenant } from "@/url";
import { SETTABLE } from "./BulkActions";
import {
  changeStatus,
  forceRun,
  goOnFromBreakpoint,
  kill,
  pause,
  remove,
  restart,
  setLabels,
} from "./commands";
import { LabelsDialog } from "./LabelsDialog";
import { executionKey } from "./queries";

const RESTARTABLE = new Set(["FAILED", "KILLED", "WARNING", "CANCELLED"]);

export function ExecutionActions({ execution }: { execution: Execution }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [resuming, resumeDialog] = useDisclosure();
  const [replaying, replayDialog] = useDisclosure();
  const [labelling, labelsDialog] = useDisclosure();
  const { id, flowId, state } = execution;
  const { current } = state;
  const target = { tenant, executionId: id };
  const over = isTerminal(current);
  const name = `${flowId} ${id.slice(0, 8)}`;
  const refresh = () => client.invalidateQueries({ queryKey: executionKey(tenant, id) });
  const act = (run: Promise<unknown>, said: string) =>
    run
      .then(() => done(said))
      .then(refresh)
      .catch(failed);

  const askKill = () =>
    confirm({
      title: "Kill execution",
      name,
      text: "Running tasks are stopped and nothing more starts. Executions it started are killed too.",
      verb: "Kill",
      run: () => kill(target).then(refresh),
    });
  const askRestart = () =>
    confirm({
      title: "Restart execution",
      name,
      text: "It goes on from the tasks that failed; what succeeded is not run again.",
      verb: "Restart",
      run: () => restart(target).then(refresh),
    });
  const askRemove = () =>
    confirm({
      title: "Delete execution",
      name: id,
      text: "With its logs, metrics and files. This cannot be undone.",
      verb: "Delete",
      typed: true,
      run: async () => {
        await remove(target);
        await navigate({ to: to.executions(tenant) });
        done(`Execution of ${flowId} deleted`);
      },
    });

  useShortcut("x", "Kill this execution", askKill, !over);
  useShortcut("r", "Replay this execution", replayDialog.open, over);

  return (
    <>
      {current === "PAUSED" && (
        <Button leftSection={<IconPlayerPlay size={14} />} onClick={resumeDialog.open}>
          Resume
        </Button>
      )}
      {current === "BREAKPOINT" && (
        <Button
          leftSection={<IconPlayerPlay size={14} />}
          onClick={() => act(goOnFromBreakpoint(target), "Going on")}
        >
          Go on
        </Button>
      )}
      {current === "QUEUED" && (
        <Button variant="default" onClick={() => act(forceRun(target), "Started before its turn")}>
          Run now
        </Button>
      )}
      {current === "RUNNING" && (
        <Button
          variant="default"
          leftSection={<IconPlayerPause size={14} />}
          onClick={() => act(pause(target), "Pausing: running tasks end first")}
        >
          Pause
        </Button>
      )}
      {RESTARTABLE.has(current) && (
        <Button leftSection={<IconRefresh size={14} />} onClick={askRestart}>
          Restart
        </Button>
      )}
      {over && (
        <Button variant="default" leftSection={<IconReload size={14} />} onClick={replayDialog.open}>
          Replay
        </Button>
      )}
      {!over && current !== "KILLING" && (
        <Button variant="light" color="red" leftSection={<IconPlayerStop size={14} />} onClick={askKill}>
          Kill
        </Button>
      )}
      <Menu>
        <Menu.Target>
          <Button variant="default" px={7} aria-label="More actions">
            <IconDotsVertical size={15} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconTags size={14} />} disabled={!over} onClick={labelsDialog.open}>
            Change labels
          </Menu.Item>
          <Menu.Label>Change status</Menu.Label>
          {SETTABLE.map((status) => (
            <Menu.Item
              key={status}
              leftSection={<IconFlag size={14} />}
              disabled={!over || status === current}
              onClick={() =>
                confirm({
                  title: "Change the status of an execution",
                  name: `${name}: ${status}`,
                  text: "No task runs because of it.",
                  verb: "Change status",
                  run: () => changeStatus(target, status).then(refresh),
                })
              }
            >
              {status}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<IconTrash size={14} />} onClick={askRemove}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ResumeDialog tenant={tenant} executionId={id} opened={resuming} onClose={resumeDialog.close} />
      <ReplayDialog execution={execution} opened={replaying} onClose={replayDialog.close} />
      <LabelsDialog
        title="Labels"
        labels={labelList(execution.labels)}
        opened={labelling}
        onClose={labelsDialog.close}
        onSave={(labels) =>
          setLabels(target, labels)
            .then(refresh)
            .then(() => done("Labels changed"))
        }
      />
    </>
  );
}
