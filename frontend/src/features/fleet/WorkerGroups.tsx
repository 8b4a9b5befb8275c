/** The worker groups: how busy each is, the workers in it, and the tokens with which workers join. */
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { GroupToken, Worker, WorkerGroup } from "@/api/types";
import { CopyText } from "@/kit/CopyText";
import { confirm } from "@/kit/confirm";
import { Section } from "@/kit/Facts";
import { RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { When } from "@/kit/When";
import { GROUPS_KEY } from "./groupsKey";
import { JoinDialog } from "./JoinDialog";
import { Problem, ServiceState } from "./ServiceState";
import classes from "./WorkerGroups.module.css";

/** Heartbeats are not on the feed; they come every few seconds. */
const HEARTBEAT_MS = 10_000;

export function WorkerGroups() {
  const groups = useQuery({
    queryKey: GROUPS_KEY,
    queryFn: () => call<{ workerGroups?: WorkerGroup[] }>(api.GET("/api/v1/instance/worker-groups", {})),
  });
  return (
    <Section title="Worker groups">
      {groups.isPending && <RowsLoading rows={2} />}
      {groups.isError && <Problem error={groups.error} onRetry={groups.refetch} />}
      {groups.data?.workerGroups?.map((group) => (
        <Group key={group.id} group={group} />
      ))}
    </Section>
  );
}

function Group({ group }: { group: WorkerGroup }) {
  const id = group.id ?? "";
  const [joining, dialog] = useDisclosure();
  const workers = useQuery({
    queryKey: [...GROUPS_KEY, id, "workers"],
    queryFn: () =>
      call<{ workers?: Worker[] }>(
        api.GET("/api/v1/instance/worker-groups/{id}/workers", { params: { path: { id } } }),
      ),
    refetchInterval: HEARTBEAT_MS,
  });
  const list = workers.data?.workers ?? [];
  const { busy, slots } = capacityOf(list);
  return (
    <section className={classes.group} aria-label={`Worker group ${group.name ?? id}`}>
      <div className={classes.groupHead}>
        <strong>{group.name ?? id}</strong>
        <span className={classes.dim}>{group.description}</span>
        <span className={classes.space} />
        {slots > 0 && <Meter busy={busy} slots={slots} />}
        <Button variant="default" leftSection={<IconPlus size={14} />} onClick={dialog.open}>
          Add a worker
        </Button>
      </div>
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
    </div>
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
