/** The worker queues: what chooses them, who may, who takes their jobs, and how much waits. */
import { ActionIcon, Button, Group, Modal, Tooltip } from "@mantine/core";
import { IconEdit, IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { FleetQueue } from "@/api/types";
import { confirm } from "@/kit/confirm";
import { Section } from "@/kit/Facts";
import { RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { Tag } from "@/kit/Tag";
import { QueueForm } from "./QueueForm";
import { deleteQueue, FLEET_KEY, fleetQuery, type QueueDraft, saveQueue } from "./queries";
import { Problem } from "./ServiceState";
import classes from "./WorkerGroups.module.css";
import { isSilent, rateText, waitText } from "./wait";

type Editing = FleetQueue | "new" | undefined;

export function WorkerQueues() {
  const client = useQueryClient();
  const fleet = useQuery(fleetQuery);
  const [editing, setEditing] = useState<Editing>();
  const close = () => setEditing(undefined);
  const refresh = () => client.invalidateQueries({ queryKey: FLEET_KEY });

  async function send(draft: QueueDraft) {
    await saveQueue(draft, editing === "new");
    await refresh();
    done(`Worker queue ${draft.id} saved`);
    close();
  }

  const add = (
    <Button variant="default" leftSection={<IconPlus size={14} />} onClick={() => setEditing("new")}>
      New queue
    </Button>
  );
  return (
    <Section title="Worker queues" aside={add}>
      {fleet.isPending && <RowsLoading rows={2} />}
      {fleet.isError && <Problem error={fleet.error} onRetry={fleet.refetch} />}
      {fleet.data?.queues.map((queue) => (
        <Queue key={queue.id} queue={queue} edit={setEditing} refresh={refresh} />
      ))}
      {fleet.data !== undefined && fleet.data.unrouted > 0 && (
        <p role="status">{fleet.data.unrouted} jobs wait for tags that no queue has.</p>
      )}
      <Modal
        opened={editing !== undefined}
        onClose={close}
        title={editing === "new" ? "New worker queue" : "Change the worker queue"}
      >
        {editing && <QueueForm of={editing === "new" ? undefined : editing} send={send} onClose={close} />}
      </Modal>
    </Section>
  );
}

interface QueueProps {
  queue: FleetQueue;
  edit: (queue: FleetQueue) => void;
  refresh: () => Promise<unknown>;
}

function Queue({ queue, edit, refresh }: QueueProps) {
  const { id, name, tags, allowedTenants, groups } = queue;
  return (
    <section className={classes.group} aria-label={`Worker queue ${name}`}>
      <div className={classes.groupHead}>
        <strong>{name}</strong>
        {tags.map((tag) => (
          <Tag key={tag}>{tag}</Tag>
        ))}
        <span className={classes.dim}>
          {allowedTenants.length > 0 ? `only ${allowedTenants.join(", ")}` : "every tenant"}
        </span>
        <span className={classes.space} />
        {isSilent(queue) && <Tag tone="bad">no worker</Tag>}
        <span className="numbers">
          {waitText(queue)} · {rateText(queue)}
        </span>
        {id !== "default" && <Acts queue={queue} edit={edit} refresh={refresh} />}
      </div>
      <p className={classes.dim}>
        {groups.length > 0 ? `Served by ${groups.join(", ")}` : "No worker group takes its jobs: they wait."}
      </p>
    </section>
  );
}

function Acts({ queue, edit, refresh }: QueueProps) {
  const { id, name } = queue;
  const ask = () =>
    confirm({
      title: "Delete the worker queue",
      name,
      text: "Flows that choose it by its tags find another one, or do what they say for when there is none.",
      verb: "Delete",
      run: async () => {
        await deleteQueue(id);
        await refresh();
        done(`Worker queue ${id} deleted`);
      },
    });
  return (
    <Group gap={2} wrap="nowrap">
      <Tooltip label="Change">
        <ActionIcon variant="subtle" aria-label={`Change ${name}`} onClick={() => edit(queue)}>
          <IconEdit size={14} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Delete">
        <ActionIcon variant="subtle" color="red" aria-label={`Delete ${name}`} onClick={ask}>
          <IconTrash size={14} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
