/** The text of reusable inputs; each save is a revision, and any of them can be looked at and taken again. */
import { Button, Select, Tooltip } from "@mantine/core";
import { IconArrowLeft, IconDeviceFloppy } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useRef, useState } from "react";
import type { InputBlock } from "@/api/types";
import { parseYaml } from "@/api/yaml";
import { type Mark, refusalMarks } from "@/features/editor/problems";
import type { EditorHandle } from "@/features/editor/YamlEditor";
import { isMap } from "@/features/files/files";
import { useLeaveGuard } from "@/features/flows/useLeaveGuard";
import { RowsLoading } from "@/kit/Notices";
import { done, failed } from "@/kit/notify";
import { shortTime } from "@/kit/time";
import { blockRevisionsQuery, blocksChanged, type Place, saveBlock } from "./queries";
import classes from "./ReusableInputs.module.css";

const YamlEditor = lazy(() => import("@/features/editor/YamlEditor"));

const FIRST = `id: period
description: From when on, and for how long
inputs:
  - id: start
    type: DATE
  - id: days
    type: INT
    defaults: 7
`;

interface BlockEditorProps {
  place: Place;
  /** Absent while one is new. */
  known: InputBlock | undefined;
  onSaved: (id: string) => void;
  onClose: () => void;
}

export function BlockEditor({ place, known, onSaved, onClose }: BlockEditorProps) {
  const client = useQueryClient();
  const isOwn = known === undefined || known.namespace === place.namespace;
  const saved = known?.source ?? "";
  const [text, setText] = useState(known?.source ?? FIRST);
  const [marks, setMarks] = useState<Mark[]>([]);
  const [busy, setBusy] = useState(false);
  const handle = useRef<EditorHandle>(null);
  const changed = isOwn && text !== saved;
  const guard = useLeaveGuard(changed && known !== undefined);

  async function save() {
    if (busy || !changed) return;
    setBusy(true);
    try {
      const id = known?.id ?? idIn(text);
      await saveBlock(place, id, text, known === undefined);
      setMarks([]);
      guard.allow();
      await blocksChanged(client, place);
      done(`${id} saved`);
      onSaved(id);
    } catch (error) {
      const found = refusalMarks(text, error);
      setMarks(found);
      if (found[0]) handle.current?.goTo(found[0].from);
      failed(error, "The inputs were not saved");
    } finally {
      setBusy(false);
    }
  }

  return (
    <div className={classes.workbench}>
      <div className={classes.tools}>
        <Button variant="default" leftSection={<IconArrowLeft size={14} />} onClick={onClose}>
          All inputs
        </Button>
        {known && !isOwn && (
          <span className={classes.dim}>Inherited from {known.namespace}, and changed there.</span>
        )}
        <span className={classes.space} />
        {known && isOwn && (
          <Revisions place={place} known={known} onTake={(source) => handle.current?.replace(source)} />
        )}
        {isOwn && (
          <Tooltip label="Save (Ctrl S)">
            <Button
              leftSection={<IconDeviceFloppy size={14} />}
              disabled={!changed}
              loading={busy}
              onClick={save}
            >
              Save
            </Button>
          </Tooltip>
        )}
      </div>
      <div className={classes.editor}>
        <Suspense fallback={<RowsLoading rows={14} height={21} />}>
          <YamlEditor
            initial={text}
            onChange={setText}
            onSave={save}
            language="yaml"
            marks={marks}
            label="Text of the inputs"
            handle={handle}
          />
        </Suspense>
      </div>
    </div>
  );
}

interface RevisionsProps {
  place: Place;
  known: InputBlock;
  onTake: (source: string) => void;
}

/** The text of an older revision comes into the editor, to be saved as the next. */
function Revisions({ place, known, onTake }: RevisionsProps) {
  const revisions = useQuery(blockRevisionsQuery(place, known.id));
  const data = (revisions.data ?? [])
    .map((one) => ({
      value: String(one.revision),
      label: `Revision ${one.revision}, ${shortTime(one.updated)}`,
    }))
    .reverse();
  const take = (wanted: string | null) => {
    const found = revisions.data?.find(({ revision }) => String(revision) === wanted);
    if (found) onTake(found.source);
  };
  return (
    <Select
      aria-label="Load the text of a revision"
      placeholder="Older revisions"
      data={data}
      value={null}
      onChange={take}
      w={230}
    />
  );
}

function idIn(text: string): string {
  const document: unknown = parseYaml(text);
  const id = isMap(document) ? document.id : undefined;
  if (typeof id !== "string" || id === "") throw new Error("Give the inputs a name: `id: period`.");
  return id;
}
