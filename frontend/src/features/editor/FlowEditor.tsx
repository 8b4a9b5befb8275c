/** The workbench of a flow's text: editor, problems, and the graph it makes. */
import { Button, SegmentedControl, Tooltip } from "@mantine/core";
import { useDebouncedValue, useMediaQuery } from "@mantine/hooks";
import { IconDeviceFloppy } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useMemo, useRef, useState } from "react";
import { graphOfSource } from "@/features/flows/queries";
import { RowsLoading } from "@/kit/Notices";
import { failed } from "@/kit/notify";
import { useTenant } from "@/url";
import classes from "./FlowEditor.module.css";
import { formatted } from "./format";
import { ProblemList } from "./ProblemList";
import { type Mark, refusalMarks } from "./problems";
import { flowSchemaQuery } from "./schemaQuery";
import { useProblems } from "./useProblems";
import type { EditorHandle } from "./YamlEditor";

const YamlEditor = lazy(() => import("./YamlEditor"));
const UpgradeDialog = lazy(() =>
  import("./UpgradeDialog").then((module) => ({ default: module.UpgradeDialog })),
);
const Topology = lazy(() =>
  import("@/features/topology/Topology").then((module) => ({ default: module.Topology })),
);

interface FlowEditorProps {
  text: string;
  onText: (text: string) => void;
  /** Rejects with the server's refusal when the flow is not valid. */
  onSave: (text: string) => Promise<void>;
  changed: boolean;
  saveLabel: string;
  /** Changes when the text was replaced from outside, as by a newer revision. */
  version?: number;
  aside?: ReactNode;
}

export function FlowEditor({ text, onText, onSave, changed, saveLabel, version, aside }: FlowEditorProps) {
  const tenant = useTenant();
  const schema = useQuery(flowSchemaQuery);
  const problems = useProblems(tenant, text);
  const narrow = useMediaQuery("(max-width: 900px)");
  const [side, setSide] = useState("none");
  const [refusal, setRefusal] = useState<{ text: string; marks: Mark[] }>();
  const [busy, setBusy] = useState(false);
  const [upgrading, setUpgrading] = useState(false);
  const handle = useRef<EditorHandle>(null);
  const marks = useMemo(
    () => (refusal?.text === text && problems.marks.length === 0 ? refusal.marks : problems.marks),
    [refusal, text, problems.marks],
  );
  const errors = marks.filter(({ severity }) => severity === "error");

  async function save() {
    if (busy) return;
    const [first] = errors;
    if (first) {
      handle.current?.goTo(first.from);
      failed(new Error(`Line ${first.line}: ${first.message}`), "The flow is not valid and was not saved");
      return;
    }
    setBusy(true);
    try {
      await onSave(text);
    } catch (error) {
      const found = refusalMarks(text, error);
      setRefusal({ text, marks: found });
      if (found[0]) handle.current?.goTo(found[0].from);
      failed(error, "The flow was not saved");
    } finally {
      setBusy(false);
    }
  }

  function format() {
    const next = formatted(text);
    if (next === undefined)
      failed(new Error("Only valid YAML can be laid out."), "The text was not formatted");
    else handle.current?.replace(next);
  }

  return (
    <div className={classes.workbench}>
      <div className={classes.bar}>
        <SegmentedControl
          size="xs"
          aria-label="What to show beside the text"
          value={side}
          onChange={setSide}
          data={[
            { value: "none", label: "Text" },
            { value: "graph", label: narrow ? "Graph" : "Text and graph" },
          ]}
        />
        <span className={classes.space} />
        {aside}
        <Tooltip label="Show old forms in those of today">
          <Button variant="default" onClick={() => setUpgrading(true)} disabled={errors.length > 0}>
            Upgrade
          </Button>
        </Tooltip>
        <Tooltip label="Even out the layout (Shift Alt F)">
          <Button variant="default" onClick={format}>
            Format
          </Button>
        </Tooltip>
        <Button
          leftSection={<IconDeviceFloppy size={14} />}
          onClick={save}
          loading={busy}
          disabled={!changed}
          data-invalid={errors.length > 0 || undefined}
        >
          {saveLabel}
        </Button>
      </div>
      <div className={classes.panes} data-side={side}>
        <div className={classes.editor}>
          <Suspense fallback={<RowsLoading rows={16} height={21} />}>
            <YamlEditor
              key={version}
              initial={text}
              onChange={onText}
              onSave={save}
              onFormat={format}
              schema={schema.data}
              marks={marks}
              label="Source of the flow"
              handle={handle}
            />
          </Suspense>
          <ProblemList
            problems={{ ...problems, marks }}
            onGoTo={(position) => handle.current?.goTo(position)}
          />
        </div>
        {side === "graph" && <LiveGraph text={text} valid={problems.valid} />}
      </div>
      {upgrading && (
        <Suspense fallback={null}>
          <UpgradeDialog
            tenant={tenant}
            text={text}
            opened
            onClose={() => setUpgrading(false)}
            onTake={(next) => handle.current?.replace(next)}
          />
        </Suspense>
      )}
    </div>
  );
}

/** The graph of the text as it stands; while the text is broken, the last one that could be drawn. */
function LiveGraph({ text, valid }: { text: string; valid: boolean }) {
  const tenant = useTenant();
  const [paused] = useDebouncedValue(text, 400);
  const graph = useQuery({
    queryKey: [tenant, "graph", paused],
    queryFn: ({ signal }) => graphOfSource(tenant, paused, signal),
    enabled: valid,
    placeholderData: keepPreviousData,
  });
  return (
    <div className={classes.graph}>
      {graph.data ? (
        <Suspense fallback={<RowsLoading rows={8} />}>
          <Topology graph={graph.data} />
        </Suspense>
      ) : (
        <p className={classes.hint}>The graph appears as soon as the text is valid.</p>
      )}
    </div>
  );
}
