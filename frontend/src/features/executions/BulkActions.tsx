/** Actions on the executions that are selected, or on all that the filters find. */
import { Button, Menu } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ExecutionRow, StateType } from "@/api/types";
import { confirm } from "@/kit/confirm";
import { done } from "@/kit/notify";
import { SelectionBar } from "@/kit/SelectionBar";
import { StateBadge } from "@/kit/StateBadge";
import type { Search } from "@/url";
import { type BulkVerb, bulk, bulkLabels, bulkStatus, type Chosen } from "./commands";
import { LabelsDialog } from "./LabelsDialog";

interface Action {
  verb: BulkVerb;
  label: string;
  text: string;
}

const ACTIONS: Action[] = [
  { verb: "kill", label: "Kill", text: "Running tasks are stopped; nothing more starts." },
  { verb: "restart", label: "Restart", text: "Failed executions go on from the task that failed." },
  { verb: "replay", label: "Replay", text: "Each starts again from the beginning, as a new execution." },
  { verb: "pause", label: "Pause", text: "Running tasks end; the next ones wait until someone resumes." },
  { verb: "resume", label: "Resume", text: "Paused executions go on." },
  { verb: "delete", label: "Delete", text: "With logs, metrics and files. This cannot be undone." },
];

/** What a person may say an execution ended as. */
export const SETTABLE = ["SUCCESS", "WARNING", "FAILED", "CANCELLED"] as const;

interface BulkActionsProps {
  tenant: string;
  rows: ExecutionRow[];
  total: number;
  search: Search;
  onDone: () => void;
}

export function BulkActions({ tenant, rows, total, search, onDone }: BulkActionsProps) {
  const client = useQueryClient();
  const [all, setAll] = useState(false);
  const [labelling, labelsDialog] = useDisclosure();
  const count = all ? total : rows.length;
  const clear = () => {
    setAll(false);
    onDone();
  };

  const chosen: Chosen = all ? { search } : { ids: rows.map(({ id }) => id) };
  const name = count === 1 && rows[0] ? rows[0].id : `${count} executions`;
  const noun = count === 1 ? "execution" : "executions";

  async function tell(label: string, accepted: number) {
    clear();
    await client.invalidateQueries({ queryKey: [tenant, "executions"] });
    done(`${label}: accepted for ${accepted} ${accepted === 1 ? "execution" : "executions"}`);
  }

  const ask = ({ verb, label, text }: Action) =>
    confirm({
      title: `${label} ${noun}`,
      name,
      text,
      verb: label,
      typed: verb === "delete",
      run: async () => tell(label, await bulk(tenant, verb, chosen)),
    });

  const askStatus = (status: StateType) =>
    confirm({
      title: `Change the status of ${noun}`,
      name: `${name}: ${status}`,
      text: "Those that have ended get this status; no task runs because of it.",
      verb: "Change status",
      run: async () => tell(`Status ${status}`, await bulkStatus(tenant, status, chosen)),
    });

  return (
    <SelectionBar count={rows.length === 0 ? 0 : count} onClear={clear}>
      {!all && total > rows.length && (
        <Button variant="subtle" onClick={() => setAll(true)}>
          Select all {total} that match
        </Button>
      )}
      {ACTIONS.map((action) => (
        <Button
          key={action.verb}
          variant={action.verb === "delete" ? "light" : "default"}
          color={action.verb === "delete" ? "red" : undefined}
          onClick={() => ask(action)}
        >
          {action.label}
        </Button>
      ))}
      <Menu position="bottom-start">
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={13} />}>
            Change status
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {SETTABLE.map((status) => (
            <Menu.Item key={status} onClick={() => askStatus(status)}>
              <StateBadge state={status} />
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Button variant="default" onClick={labelsDialog.open}>
        Set labels
      </Button>
      <LabelsDialog
        title={`Set labels of ${name}`}
        labels={[]}
        hint="They replace the labels of those that have ended."
        opened={labelling}
        onClose={labelsDialog.close}
        onSave={async (labels) => tell("Labels", await bulkLabels(tenant, labels, chosen))}
      />
    </SelectionBar>
  );
}
