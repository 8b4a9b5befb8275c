/** What a worker group is called, and which queues it takes jobs of. */
import {
  ActionIcon,
  Button,
  Group,
  NumberInput,
  Select,
  Stack,
  Switch,
  Text,
  TextInput,
} from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import type { FleetQueue, WorkerGroup } from "@/api/types";
import { DialogForm } from "@/kit/DialogForm";
import type { Edge, GroupDraft } from "./queries";

interface GroupFormProps {
  /** The group that is changed; without one a new one is made. */
  of?: WorkerGroup;
  queues: FleetQueue[];
  send: (draft: GroupDraft) => Promise<unknown>;
  onClose: () => void;
}

export function GroupForm({ of, queues, send, onClose }: GroupFormProps) {
  const [draft, setDraft] = useState<GroupDraft>(() => draftOf(of));
  const change = (part: Partial<GroupDraft>) => setDraft({ ...draft, ...part });
  return (
    <DialogForm verb={of ? "Save" : "Create"} send={() => send(draft)} onClose={onClose}>
      {!of && (
        <TextInput
          label="Id"
          description="Flows name the group by it. It never changes."
          required
          data-autofocus
          value={draft.id}
          onChange={(event) => change({ id: event.currentTarget.value })}
        />
      )}
      <TextInput
        label="Name"
        value={draft.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <TextInput
        label="Description"
        value={draft.description}
        onChange={(event) => change({ description: event.currentTarget.value })}
      />
      <Edges edges={draft.edges} queues={queues} onChange={(edges) => change({ edges })} />
    </DialogForm>
  );
}

function draftOf(group?: WorkerGroup): GroupDraft {
  const edges = (group?.subscriptions ?? []).map(({ queue, reservedPercent, mode }) => ({
    queue: queue?.id ?? "",
    percent: reservedPercent ?? 0,
    strict: mode === "STRICT",
  }));
  return { id: group?.id ?? "", name: group?.name ?? "", description: group?.description ?? "", edges };
}

interface EdgesProps {
  edges: Edge[];
  queues: FleetQueue[];
  onChange: (edges: Edge[]) => void;
}

function Edges({ edges, queues, onChange }: EdgesProps) {
  const free = queues.filter(({ id }) => edges.every(({ queue }) => queue !== id));
  const put = (place: number, part: Partial<Edge>) =>
    onChange(edges.map((edge, at) => (at === place ? { ...edge, ...part } : edge)));
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500}>
        Queues it takes jobs of
      </Text>
      {edges.map((edge, place) => (
        <Group key={edge.queue} gap="sm" wrap="nowrap" align="end">
          <Select
            label="Queue"
            allowDeselect={false}
            data={[edge.queue, ...free.map(({ id }) => id)]}
            value={edge.queue}
            onChange={(queue) => put(place, { queue: queue ?? edge.queue })}
          />
          <NumberInput
            label="Reserved, %"
            min={0}
            max={100}
            value={edge.percent}
            onChange={(percent) => put(place, { percent: Number(percent) || 0 })}
          />
          <Switch
            label="Never more"
            checked={edge.strict}
            onChange={(event) => put(place, { strict: event.currentTarget.checked })}
          />
          <ActionIcon
            variant="subtle"
            color="red"
            aria-label={`Leave the queue ${edge.queue}`}
            onClick={() => onChange(edges.filter((_, at) => at !== place))}
          >
            <IconTrash size={14} />
          </ActionIcon>
        </Group>
      ))}
      <Button
        variant="default"
        leftSection={<IconPlus size={14} />}
        disabled={free.length === 0}
        onClick={() => onChange([...edges, { queue: free[0]?.id ?? "", percent: 0, strict: false }])}
      >
        Add a queue
      </Button>
    </Stack>
  );
}
