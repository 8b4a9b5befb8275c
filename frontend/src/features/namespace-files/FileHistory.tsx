/** The revisions of a file: two of them side by side, the way back to one, and old ones deleted. */
import { Button, Select } from "@mantine/core";
import { IconArrowBackUp, IconFileUnknown, IconHistory, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import type { FileRevision } from "@/api/types";
import { sizeText } from "@/features/files/files";
import { confirm } from "@/kit/confirm";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { shortTime } from "@/kit/time";
import classes from "./NamespaceFiles.module.css";
import {
  contentQuery,
  deleteRevisions,
  filesChanged,
  type Place,
  restoreRevision,
  revisionsQuery,
} from "./queries";

const DiffView = lazy(() => import("@/features/editor/DiffView"));

interface OneFile {
  place: Place;
  path: string;
}

export function FileHistory({ place, path }: OneFile) {
  const revisions = useQuery(revisionsQuery(place, path));
  const [chosen, setChosen] = useState<{ left?: number; right?: number }>({});
  if (revisions.isError) return <Failure error={revisions.error} onRetry={revisions.refetch} />;
  if (!revisions.data) return <RowsLoading rows={12} height={21} />;
  const numbers = revisions.data.map(({ revision }) => revision);
  const newest = numbers.at(-1) ?? 1;
  const right = known(chosen.right, numbers) ?? newest;
  const left = known(chosen.left, numbers) ?? numbers.filter((one) => one < right).at(-1) ?? right;
  if (numbers.length < 2) {
    return (
      <Empty icon={IconHistory} title="One revision so far">
        Each time the file is written a new revision is kept. They are compared here, and any of them can be
        restored.
      </Empty>
    );
  }
  const older = numbers.filter((one) => one < left);
  return (
    <>
      <div className={classes.bar}>
        <RevisionSelect
          label="Before"
          revisions={revisions.data}
          value={left}
          onChange={(next) => setChosen({ left: next, right })}
        />
        <RevisionSelect
          label="After"
          revisions={revisions.data}
          value={right}
          onChange={(next) => setChosen({ left, right: next })}
        />
        <span className={classes.space} />
        <PruneButton place={place} path={path} doomed={older} before={left} />
        <RestoreButton place={place} path={path} revision={left} newest={newest} />
        {right !== newest && right !== left && (
          <RestoreButton place={place} path={path} revision={right} newest={newest} />
        )}
      </div>
      <Comparison place={place} path={path} left={left} right={right} />
    </>
  );
}

function known(wanted: number | undefined, numbers: number[]): number | undefined {
  return wanted !== undefined && numbers.includes(wanted) ? wanted : undefined;
}

interface RevisionSelectProps {
  label: string;
  revisions: FileRevision[];
  value: number;
  onChange: (value: number) => void;
}

function RevisionSelect({ label, revisions, value, onChange }: RevisionSelectProps) {
  const data = revisions.map((one) => ({ value: String(one.revision), label: labelOf(one) })).reverse();
  return (
    <Select
      size="xs"
      aria-label={label}
      leftSection={<span className={classes.label}>{label}</span>}
      leftSectionWidth={62}
      data={data}
      value={String(value)}
      onChange={(next) => next && onChange(Number(next))}
      allowDeselect={false}
      w={290}
    />
  );
}

function labelOf({ revision, created, author, size }: FileRevision): string {
  return [`Revision ${revision}`, shortTime(created), author, sizeText(size)].filter(Boolean).join(", ");
}

function Comparison({ place, path, left, right }: OneFile & { left: number; right: number }) {
  const before = useQuery(contentQuery(place, path, left));
  const after = useQuery(contentQuery(place, path, right));
  const error = before.error ?? after.error;
  if (error) return <Failure error={error} />;
  if (!before.data || !after.data) return <RowsLoading rows={12} height={21} />;
  if (before.data.text === undefined || after.data.text === undefined) {
    return (
      <Empty icon={IconFileUnknown} title="These revisions are not compared here">
        One of them is no text, or too long. Either can be restored all the same.
      </Empty>
    );
  }
  return (
    <div className={classes.editor}>
      <Suspense fallback={<RowsLoading rows={12} height={21} />}>
        <DiffView left={before.data.text} right={after.data.text} label={`Revisions ${left} and ${right}`} />
      </Suspense>
    </div>
  );
}

function RestoreButton({ place, path, revision, newest }: OneFile & { revision: number; newest: number }) {
  const client = useQueryClient();
  const ask = () =>
    confirm({
      title: `Restore revision ${revision}`,
      name: path,
      text: `What it held becomes revision ${newest + 1}; nothing is lost.`,
      verb: "Restore",
      run: async () => {
        await restoreRevision(place, path, revision);
        await filesChanged(client, place);
        done(`Revision ${revision} restored as revision ${newest + 1}`);
      },
    });
  return (
    <Button
      variant="default"
      leftSection={<IconArrowBackUp size={14} />}
      onClick={ask}
      disabled={revision === newest}
    >
      Restore {revision}
    </Button>
  );
}

function PruneButton({ place, path, doomed, before }: OneFile & { doomed: number[]; before: number }) {
  const client = useQueryClient();
  const ask = () =>
    confirm({
      title: "Delete old revisions",
      name: path,
      text: `The ${doomed.length === 1 ? "revision" : `${doomed.length} revisions`} before revision ${before} cannot be restored from then on.`,
      verb: "Delete",
      run: async () => {
        await deleteRevisions(place, path, doomed);
        await filesChanged(client, place);
        done("Old revisions deleted");
      },
    });
  return (
    <Button
      variant="default"
      leftSection={<IconTrash size={14} />}
      onClick={ask}
      disabled={doomed.length === 0}
    >
      Delete older
    </Button>
  );
}
