/** Two revisions of a flow side by side, and a way back to an older one. */
import { Button, Select } from "@mantine/core";
import { IconArrowBackUp, IconHistory } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import type { FlowWithSource } from "@/api/types";
import { confirm } from "@/kit/confirm";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { shortTime } from "@/kit/time";
import { useTenant, useUrlState } from "@/url";
import { flowQuery, revisionQuery, revisionsQuery, updateFlow } from "./queries";
import classes from "./Revisions.module.css";

const DiffView = lazy(() => import("@/features/editor/DiffView"));

export function Revisions({ flow }: { flow: FlowWithSource }) {
  const tenant = useTenant();
  const [search, setSearch] = useUrlState();
  const revisions = useQuery(revisionsQuery(tenant, flow));
  if (revisions.isError) return <Failure error={revisions.error} onRetry={revisions.refetch} />;
  if (!revisions.data) return <RowsLoading rows={12} height={21} />;
  const numbers = revisions.data.map(({ revision }) => revision ?? 0);
  const newest = numbers[numbers.length - 1] ?? 1;
  const right = Number(search.right) || newest;
  const left = Number(search.left) || numbers.filter((number) => number < right).pop() || right;
  if (numbers.length < 2) {
    return (
      <Empty icon={IconHistory} title="One revision so far">
        Each save that changes the text makes a new revision. They are compared here, and any of them can be
        restored.
      </Empty>
    );
  }
  const choices = revisions.data
    .map((one) => ({ value: String(one.revision), label: labelOf(one) }))
    .reverse();
  return (
    <>
      <div className={classes.bar}>
        <RevisionSelect
          label="Before"
          data={choices}
          value={left}
          onChange={(next) => setSearch({ left: next })}
        />
        <RevisionSelect
          label="After"
          data={choices}
          value={right}
          onChange={(next) => setSearch({ right: next })}
        />
        <span className={classes.space} />
        <RestoreButton flow={flow} revision={left} newest={newest} />
        {right !== newest && right !== left && <RestoreButton flow={flow} revision={right} newest={newest} />}
      </div>
      <Comparison flow={flow} left={left} right={right} />
    </>
  );
}

interface RevisionSelectProps {
  label: string;
  data: { value: string; label: string }[];
  value: number;
  onChange: (value: string) => void;
}

function RevisionSelect({ label, data, value, onChange }: RevisionSelectProps) {
  return (
    <Select
      size="xs"
      aria-label={label}
      leftSection={<span className={classes.side}>{label}</span>}
      leftSectionWidth={62}
      data={data}
      value={String(value)}
      onChange={(next) => next && onChange(next)}
      allowDeselect={false}
      w={290}
    />
  );
}

function Comparison({ flow, left, right }: { flow: FlowWithSource; left: number; right: number }) {
  const tenant = useTenant();
  const before = useQuery(revisionQuery(tenant, flow, left));
  const after = useQuery(revisionQuery(tenant, flow, right));
  const error = before.error ?? after.error;
  if (error) return <Failure error={error} />;
  if (before.data?.source === undefined || after.data?.source === undefined)
    return <RowsLoading rows={12} height={21} />;
  return (
    <div className={classes.diff}>
      <Suspense fallback={<RowsLoading rows={12} height={21} />}>
        <DiffView
          left={before.data.source}
          right={after.data.source}
          label={`Revisions ${left} and ${right}`}
        />
      </Suspense>
    </div>
  );
}

function RestoreButton({
  flow,
  revision,
  newest,
}: {
  flow: FlowWithSource;
  revision: number;
  newest: number;
}) {
  const tenant = useTenant();
  const client = useQueryClient();
  const [, setSearch] = useUrlState();
  const ask = () =>
    confirm({
      title: `Restore revision ${revision}`,
      name: flow.id,
      text: `Its text becomes revision ${newest + 1}; nothing is lost.`,
      verb: "Restore",
      run: async () => {
        const old = await client.fetchQuery(revisionQuery(tenant, flow, revision));
        const next = await updateFlow(tenant, flow, old.source ?? "");
        client.setQueryData(flowQuery(tenant, flow).queryKey, { ...next, source: next.source ?? old.source });
        await client.invalidateQueries({ queryKey: [tenant, "flow", flow.namespace, flow.id] });
        setSearch({ left: undefined, right: undefined });
        done(`Revision ${revision} restored as revision ${next.revision}`);
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

function labelOf({ revision, ...flow }: FlowWithSource): string {
  const updated = (flow as { updated?: string }).updated;
  return updated ? `Revision ${revision}, ${shortTime(updated)}` : `Revision ${revision}`;
}
