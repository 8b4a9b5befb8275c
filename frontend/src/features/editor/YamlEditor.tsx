/** The editor of texts; of flows above all: completes, marks what is wrong while one types, and saves with Mod-S. */
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  completionStatus,
  startCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension, Prec } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  tooltips,
} from "@codemirror/view";
import { type RefObject, useEffect, useImperativeHandle, useRef } from "react";
import { flowCompletion } from "./completion";
import { hoverDocs } from "./hover";
import { look } from "./look";
import type { Mark } from "./problems";
import type { Schema } from "./schema";

export interface EditorHandle {
  goTo: (position: number) => void;
  /** Replaces the text as one step that can be undone. */
  replace: (text: string) => void;
}

interface YamlEditorProps {
  /** What it begins with; from then on the text is the editor's own, or fast typing would be overtaken by itself. */
  initial: string;
  onChange: (text: string) => void;
  onSave?: () => void;
  onFormat?: () => void;
  schema?: Schema;
  /** A flow is completed and explained; other YAML and plain text are not. */
  language?: Language;
  marks: Mark[];
  label: string;
  handle?: RefObject<EditorHandle | null>;
}

type Language = "flow" | "yaml" | "text";

export default function YamlEditor({
  initial,
  onChange,
  onSave,
  onFormat,
  schema,
  language = "flow",
  marks,
  label,
  handle,
}: YamlEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef({ onChange, onSave, onFormat, schema, initial });
  useEffect(() => {
    latest.current = { onChange, onSave, onFormat, schema, initial };
  });

  useEffect(() => {
    if (!host.current) return;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.initial,
        extensions: [
          Prec.highest(
            keymap.of([
              { key: "Mod-s", run: () => told(latest.current.onSave), preventDefault: true },
              { key: "Shift-Alt-f", run: () => told(latest.current.onFormat), preventDefault: true },
            ]),
          ),
          editing,
          understanding(language, () => latest.current.schema),
          EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => {
      editor.destroy();
      view.current = null;
    };
  }, [label, language]);

  useEffect(() => {
    const editor = view.current;
    if (editor) editor.dispatch(setDiagnostics(editor.state, diagnostics(marks, editor.state.doc.length)));
  }, [marks]);

  useEffect(() => {
    if (schema) completeLate(view.current);
  }, [schema]);

  useImperativeHandle(
    handle,
    () => ({
      goTo: (position) => goTo(view.current, position),
      replace: (text) => replace(view.current, text),
    }),
    [],
  );

  return <div ref={host} style={{ height: "100%", minHeight: 0, overflow: "hidden" }} />;
}

const editing: Extension = [
  lineNumbers(),
  history(),
  drawSelection(),
  indentOnInput(),
  indentUnit.of("  "),
  bracketMatching(),
  closeBrackets(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  highlightSelectionMatches(),
  EditorView.lineWrapping,
  tooltips({ parent: document.body }),
  keymap.of([
    ...closeBracketsKeymap,
    ...completionKeymap,
    ...defaultKeymap,
    ...searchKeymap,
    ...historyKeymap,
    ...foldKeymap,
    ...lintKeymap,
    indentWithTab,
  ]),
  look,
];

/** What the editor knows of the text. */
function understanding(language: Language, schema: () => Schema | undefined): Extension {
  if (language === "text") return [];
  if (language === "yaml") return [foldGutter(), yaml()];
  return [
    foldGutter(),
    lintGutter(),
    yaml(),
    hoverDocs(schema),
    autocompletion({ override: [flowCompletion(schema)], icons: false, activateOnTypingDelay: 60 }),
  ];
}

function diagnostics(marks: Mark[], length: number): Diagnostic[] {
  return marks.map(({ from, to, severity, message }) => ({
    from: Math.min(from, length),
    to: Math.min(to, length),
    severity,
    message,
  }));
}

function told(listener: (() => void) | undefined): boolean {
  listener?.();
  return true;
}

function goTo(view: EditorView | null, position: number): void {
  if (!view) return;
  const anchor = Math.min(position, view.state.doc.length);
  view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
  view.focus();
}

/**
 * The schema came after somebody had begun to type a word: the list opens now, not at the next key. A question that is
 * under way may have been asked without the schema, so it is asked again.
 */
function completeLate(view: EditorView | null): void {
  if (!view?.hasFocus || completionStatus(view.state) === "active") return;
  const { main } = view.state.selection;
  const before = view.state.sliceDoc(Math.max(0, main.head - 1), main.head);
  if (main.empty && /[\w.]/.test(before)) startCompletion(view);
}

/** The cursor stays on its line. */
function replace(view: EditorView | null, text: string): void {
  if (!view || view.state.doc.toString() === text) return;
  const { number } = view.state.doc.lineAt(view.state.selection.main.head);
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
  const anchor = view.state.doc.line(Math.min(number, view.state.doc.lines)).to;
  view.dispatch({ selection: { anchor }, scrollIntoView: true });
  view.focus();
}
