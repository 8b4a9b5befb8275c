/** Shows a flow in the forms of the present generation beside its text, what was done, and what could not be. */
import { Button, Group, Modal, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import type { UpgradedFlow } from "@/api/types";
import { upgradedFlow } from "@/features/flows/queries";
import { Failure, RowsLoading } from "@/kit/Notices";
import classes from "./UpgradeDialog.module.css";

const DiffView = lazy(() => import("./DiffView"));

interface UpgradeDialogProps {
  tenant: string;
  text: string;
  opened: boolean;
  onClose: () => void;
  /** The new text goes into the editor; it is saved there or not at all. */
  onTake: (text: string) => void;
}

export function UpgradeDialog(props: UpgradeDialogProps) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title="Upgrade the flow" size="90%">
      <Upgrade {...props} />
    </Modal>
  );
}

function Upgrade({ tenant, text, onClose, onTake }: UpgradeDialogProps) {
  const upgrade = useQuery({
    queryKey: [tenant, "upgrade", text],
    queryFn: ({ signal }) => upgradedFlow(tenant, text, signal),
    staleTime: 60_000,
  });
  if (upgrade.error) return <Failure error={upgrade.error} onRetry={upgrade.refetch} />;
  if (!upgrade.data) return <RowsLoading rows={12} height={21} />;
  const changed = upgrade.data.source !== text;
  return (
    <Stack gap="md">
      {changed ? (
        <div className={classes.diff}>
          <Suspense fallback={<RowsLoading rows={12} height={21} />}>
            <DiffView left={text} right={upgrade.data.source} label="Flow" />
          </Suspense>
        </div>
      ) : (
        <p>Nothing in this flow has a newer form that means the same.</p>
      )}
      <Notes title="What to mind" notes={upgrade.data.cautions} />
      <Notes title="What stays as it is" notes={upgrade.data.left} />
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          {changed ? "Cancel" : "Close"}
        </Button>
        {changed && (
          <Button
            onClick={() => {
              onTake(upgrade.data.source);
              onClose();
            }}
          >
            Take it over
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function Notes({ title, notes }: { title: string; notes: UpgradedFlow["left"] }) {
  if (notes.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3 className={classes.title}>{title}</h3>
      <ul className={classes.notes}>
        {notes.map((note) => (
          <li key={`${note.line} ${note.message}`}>
            <span className={classes.line}>Line {note.line}</span> {note.message}
          </li>
        ))}
      </ul>
    </section>
  );
}
