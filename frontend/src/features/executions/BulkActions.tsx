/** Actions on the executions that are selected, or on all that the filters find. */
import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ExecutionRow } from "@/api/types";
import { confirm } from "@/kit/confirm";
import { done } from "@/kit/notify";
import { SelectionBar } from "@/kit/SelectionBar";
import type { Search } from "@/url";
import { type BulkVerb, bulk } from "./commands";

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
  const count = all ? total : rows.length;
  const clear = () => {
    setAll(false);
    onDone();
  };

  const ask = ({ verb, label, text }: Action) =>
    confirm({
      title: `${label} ${count === 1 ? "execution" : "executions"}`,
      name: count === 1 && rows[0] ? rows[0].id : `${count} executions`,
      text,
      verb: label,
      typed: verb === "delete",
      run: async () => {
        const accepted = await bulk(tenant, verb, all ? { search } : { ids: rows.map(({ id }) => id) });
        clear();
        await client.invalidateQueries({ queryKey: [tenant, "executions"] });
        done(`${label}: accepted for ${accepted} ${accepted === 1 ? "execution" : "executions"}`);
      },
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
    </SelectionBar>
  );
}
