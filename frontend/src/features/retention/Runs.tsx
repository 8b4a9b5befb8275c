/** The run that goes on, with how far it has come, and the last ones. */
import { Button, Group, Progress, Stack } from "@mantine/core";
import { IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import type { RetentionKind, RetentionRun } from "@/api/types";
import { confirm } from "@/kit/confirm";
import { type Column, DataTable } from "@/kit/DataTable";
import { Section } from "@/kit/Facts";
import { done, failed } from "@/kit/notify";
import type { Tone } from "@/kit/states";
import { Tag } from "@/kit/Tag";
import { When } from "@/kit/When";
import { previewText } from "./Preview";
import {
  isOpen,
  KINDS,
  type Place,
  retentionKey,
  runRetention,
  stopRetention,
  tryRetention,
} from "./queries";
import { WhereAllowed } from "./WhereAllowed";

const TONES: Record<RetentionRun["state"], Tone> = {
  RUNNING: "busy",
  DONE: "good",
  STOPPED: "warn",
  FAILED: "bad",
};

export function Runs({ place, runs }: { place: Place; runs: RetentionRun[] }) {
  const client = useQueryClient();
  const again = () => client.invalidateQueries({ queryKey: retentionKey(place) });
  const open = runs.filter(isOpen);

  async function ask() {
    try {
      const preview = await tryRetention(place);
      confirm({
        title: "Delete what is old now",
        name: place.namespace || place.tenant,
        text: `${previewText(preview)} This cannot be undone.`,
        verb: "Delete",
        run: async () => {
          await runRetention(place);
          await again();
          done("The run has begun");
        },
      });
    } catch (error) {
      failed(error);
    }
  }

  async function stop({ id }: RetentionRun) {
    try {
      await stopRetention(place.tenant, id);
      await again();
    } catch (error) {
      failed(error);
    }
  }

  return (
    <Section
      title="Runs"
      aside={
        <WhereAllowed place={place}>
          <Button size="xs" variant="default" leftSection={<IconPlayerPlay size={14} />} onClick={ask}>
            Run now
          </Button>
        </WhereAllowed>
      }
    >
      {open.map((run) => (
        <Going key={run.id} run={run} onStop={() => stop(run)} />
      ))}
      {runs.length === 0 && <p>Nothing has run yet. Policies are carried out every night.</p>}
      {runs.length > 0 && (
        <div style={{ height: Math.min(8, runs.length) * 40 + 34, display: "flex" }}>
          <DataTable
            label="Runs of retention"
            columns={COLUMNS}
            rows={runs}
            rowKey={({ id }) => id}
            rowName={({ startDate }) => `Run of ${startDate}`}
          />
        </div>
      )}
    </Section>
  );
}

function Going({ run, onStop }: { run: RetentionRun; onStop: () => void }) {
  const percent = progressOf(run);
  return (
    <Stack gap={4} mb="md">
      <Group justify="space-between">
        <span role="status">
          {KINDS[run.kind]}: step {run.step + 1} of {run.steps}. {countsText(run)}
        </span>
        <Button
          size="xs"
          variant="subtle"
          color="red"
          leftSection={<IconPlayerStop size={14} />}
          onClick={onStop}
        >
          Stop
        </Button>
      </Group>
      <Progress value={percent} animated aria-label={`${Math.round(percent)} % of the run`} />
    </Stack>
  );
}

/** Steps that are over, and the part of this one that is done where it is known how much there is. */
export function progressOf({ step, steps, kind, counts, expected }: RetentionRun): number {
  const all = expected[kind] ?? 0;
  const part = all > 0 ? Math.min(1, (counts[kind] ?? 0) / all) : 0;
  return (100 * (step + part)) / steps;
}

export function countsText({ counts }: RetentionRun): string {
  const told = (Object.entries(counts) as [RetentionKind, number][]).map(
    ([kind, count]) => `${count.toLocaleString()} ${KINDS[kind].toLowerCase()}`,
  );
  return told.length > 0 ? told.join(", ") : "nothing";
}

const COLUMNS: Column<RetentionRun>[] = [
  {
    id: "state",
    header: "State",
    width: "100px",
    cell: ({ state }) => <Tag tone={TONES[state]}>{state.toLowerCase()}</Tag>,
  },
  {
    id: "what",
    header: "Deleted",
    width: "minmax(180px, 3fr)",
    cell: (run) => (run.failure ? `${countsText(run)}; ${run.failure}` : countsText(run)),
  },
  {
    id: "where",
    header: "Where",
    width: "minmax(100px, 1fr)",
    hide: "narrow",
    cell: ({ namespace }) => namespace || "the whole tenant",
  },
  { id: "who", header: "By", width: "minmax(90px, 1fr)", hide: "medium", cell: ({ startedBy }) => startedBy },
  { id: "when", header: "Began", width: "110px", cell: ({ startDate }) => <When date={startDate} /> },
];
