/** The worker groups: how busy each is, the workers in it, and the tokens with which workers join. */
import { ActionIcon, Button, Modal, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDoorExit, IconEdit, IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, call } from "@/api/client";
import type { FleetGroup, GroupToken, Worker, WorkerGroup } from "@/api/types";
import { CopyText } from "@/kit/CopyText";
import { confirm } from "@/kit/confirm";
import { Section } from "@/kit/Facts";
import { RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { Tag } from "@/kit/Tag";
import { When } from "@/kit/When";
import { GroupForm } from "./GroupForm";
import { JoinDialog } from "./JoinDialog";
import {
  deleteGroup,
  drainWorker,
  FLEET_KEY,
  fleetQuery,
  GROUPS_KEY,
  type GroupDraft,
  groupsQuery,
  saveGroup,
  workersQuery,
} from "./queries";
import { Problem, ServiceState } from "./ServiceState";
import classes from "./WorkerGroups.module.css";
import { isSilent, rateText, waitText } from "./wait";

type Editing = WorkerGroup | "new" | undefined;

export function WorkerGroups() {
  const client = useQueryClient();
  const groups = useQuery(groupsQuery);
  const fleet = useQuery(fleetQuery);
  const [editing, setEditing] = useState<Editing>();
  const close = () => setEditing(undefined);
  const refresh = () => client.invalidateQueries({ queryKey: FLEET_KEY });

  async function send(draft: GroupDraft) {
    await saveGroup(draft, editing === "new");
    await refresh();
    done(`Worker group ${draft.id} saved`);
    close();
  }

  const add = (
    <Button variant="default" leftSection={<IconPlus size={14} />} onClick={() => setEditing("new")}>
      New group
    </Button>
  );
  return (
    <Section title="Worker groups" aside={add}>
      {groups.isPending && <RowsLoading rows={2} />}
      {groups.isError && <Problem error={groups.error} onRetry={groups.refetch} />}
      {groups.data?.workerGroups?.map((group) => (
        <Group
          key={group.id}
          group={group}
          standing={fleet.data?.groups.find(({ id }) => id === group.id)}
          edit={setEditing}
          refresh={refresh}
        />
      ))}
      <Modal
        opened={editing !== undefined}
        onClose={close}
        title={editing === "new" ? "New worker group" : "Change the worker group"}
        size="lg"
      >
        {editing && (
          <GroupForm
            of={editing === "new" ? undefined : editing}
            queues={fleet.data?.queues ?? []}
            send={send}
            onClose={close}
          />
        )}
      </Modal>
    </Section>
  );
}

interface GroupProps {
  group: WorkerGroup;
  standing?: FleetGroup;
  edit: (group: WorkerGroup) => void;
  refresh: () => Promise<unknown>;
}

function Group({ group, standing, edit, refresh }: GroupProps) {
  const id = group.id ?? "";
  const [joining, dialog] = useDisclosure();
  const workers = useQuery(workersQuery(id));

  const list = workers.data?.workers ?? [];
  const { busy, slots } = capacityOf(list);
  return (
    <section className={classes.group} aria-label={`Worker group ${group.name ?? id}`}>
      <div className={classes.groupHead}>
        <strong>{group.name ?? id}</strong>
        <span className={classes.dim}>{group.description}</span>
        <span className={classes.space} />
        {standing && isSilent(standing) && <Tag tone="bad">no worker</Tag>}
        {standing && (
          <span className="numbers">
            {waitText(standing)} · {rateText(standing)}
          </span>
        )}
        {slots > 0 && <Meter busy={busy} slots={slots} />}
        <Button variant="default" leftSection={<IconPlus size={14} />} onClick={dialog.open}>
          Add a worker
        </Button>
        <Acts group={group} edit={edit} refresh={refresh} />
      </div>
      {group.subscriptions !== undefined && group.subscriptions.length > 0 && (
        <p className={classes.dim}>
          Takes jobs of{" "}
          {group.subscriptions
            .map(
              ({ queue, reservedPercent }) =>
                `${queue?.name}${reservedPercent ? ` (${reservedPercent}%)` : ""}`,
            )
            .join(", ")}
        </p>
      )}
      {workers.isSuccess && list.length === 0 && (
        <p className={classes.dim}>No worker is running: what is sent to this group waits.</p>
      )}
      {list.map((worker) => (
        <WorkerRow key={worker.workerId} worker={worker} />
      ))}
      <Tokens group={group} />
      <JoinDialog group={group} opened={joining} onClose={dialog.close} />
    </section>
  );
}

function WorkerRow({ worker }: { worker: Worker }) {
  const { workerId = "", workerName, state, capacity, updatedAt } = worker;
  return (
    <div className={classes.worker}>
      <ServiceState state={state} />
      <span>{workerName ?? workerId}</span>
      <span className={classes.id}>
        <span className="mono">{workerId.slice(0, 8)}</span>
        <CopyText value={workerId} label={`Copy the id of worker ${workerId.slice(0, 8)}`} />
      </span>
      {capacity && <Meter busy={capacity.running ?? 0} slots={capacity.max ?? 0} />}
      <span className={classes.dim}>
        last heard <When date={updatedAt} />
      </span>
      {state === "RUNNING" && <Drain worker={worker} />}
    </div>
  );
}

function Drain({ worker }: { worker: Worker }) {
  const client = useQueryClient();
  const { workerId = "", workerName = workerId } = worker;
  const ask = () =>
    confirm({
      title: "Drain the worker",
      name: workerName,
      text: "It takes no more jobs, ends those it runs, hands the rest back and leaves.",
      verb: "Drain",
      run: async () => {
        await drainWorker(workerId);
        await client.invalidateQueries({ queryKey: FLEET_KEY });
        done(`${workerName} takes no more jobs`);
      },
    });
  return (
    <Tooltip label="Drain">
      <ActionIcon variant="subtle" aria-label={`Drain worker ${workerId.slice(0, 8)}`} onClick={ask}>
        <IconDoorExit size={14} />
      </ActionIcon>
    </Tooltip>
  );
}

function Acts({ group, edit, refresh }: Omit<GroupProps, "standing">) {
  const { id = "", name = id } = group;
  const ask = () =>
    confirm({
      title: "Delete the worker group",
      name,
      text: "Its tokens open nothing any more. Flows that name it can no longer be saved.",
      verb: "Delete",
      typed: true,
      run: async () => {
        await deleteGroup(id);
        await refresh();
        done(`Worker group ${id} deleted`);
      },
    });
  return (
    <>
      <Tooltip label="Change">
        <ActionIcon variant="subtle" aria-label={`Change the group ${name}`} onClick={() => edit(group)}>
          <IconEdit size={14} />
        </ActionIcon>
      </Tooltip>
      {group.deletable && (
        <Tooltip label="Delete">
          <ActionIcon variant="subtle" color="red" aria-label={`Delete the group ${name}`} onClick={ask}>
            <IconTrash size={14} />
          </ActionIcon>
        </Tooltip>
      )}
    </>
  );
}

function Meter({ busy, slots }: { busy: number; slots: number }) {
  return (
    <span className={classes.meter}>
      <span className={classes.bar} aria-hidden>
        <span style={{ width: `${slots > 0 ? Math.min(100, (100 * busy) / slots) : 0}%` }} />
      </span>
      <span className="numbers">
        {busy} of {slots} busy
      </span>
    </span>
  );
}

function Tokens({ group }: { group: WorkerGroup }) {
  const tokens = (group.tokens ?? []).filter(({ revoked }) => !revoked);
  if (tokens.length === 0) return null;
  return (
    <div className={classes.tokens}>
      <span className={classes.dim}>Tokens</span>
      {tokens.map((token) => (
        <Token key={token.uid} groupId={group.id ?? ""} token={token} />
      ))}
    </div>
  );
}

function Token({ groupId, token }: { groupId: string; token: GroupToken }) {
  const client = useQueryClient();
  const { uid = "", name = uid, tokenPrefix } = token;
  const ask = () =>
    confirm({
      title: "Revoke the token of workers",
      name,
      text: "Workers that joined with it get nothing more; what they run is taken over by others.",
      verb: "Revoke",
      typed: true,
      run: async () => {
        const params = { path: { id: groupId, tokenId: uid } };
        await call(api.POST("/api/v1/instance/worker-groups/{id}/tokens/{tokenId}/revoke", { params }));
        await client.invalidateQueries({ queryKey: GROUPS_KEY });
        done(`${name} revoked`);
      },
    });
  return (
    <span className={classes.token}>
      {name} <span className={`${classes.dim} mono`}>{tokenPrefix}…</span>
      <Button variant="subtle" size="compact-xs" color="red" onClick={ask} aria-label={`Revoke ${name}`}>
        Revoke
      </Button>
    </span>
  );
}

export function capacityOf(workers: Worker[]): { busy: number; slots: number } {
  const alive = workers.filter(({ state }) => state === "RUNNING");
  return {
    busy: alive.reduce((sum, { capacity }) => sum + (capacity?.running ?? 0), 0),
    slots: alive.reduce((sum, { capacity }) => sum + (capacity?.max ?? 0), 0),
  };
}
