/** Two texts, what differs marked: side by side, or one under the other where the screen is narrow. */
import { yaml } from "@codemirror/lang-yaml";
import { goToNextChunk, goToPreviousChunk, MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { useMediaQuery } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import { look } from "./look";

interface DiffViewProps {
  left: string;
  right: string;
  label: string;
}

const COLLAPSED = { margin: 4, minSize: 8 };

export default function DiffView({ left, right, label }: DiffViewProps) {
  const host = useRef<HTMLDivElement>(null);
  const narrow = useMediaQuery("(max-width: 800px)", undefined, { getInitialValueInEffect: false });
  useEffect(() => {
    if (!host.current) return;
    const draw = narrow ? oneUnderTheOther : sideBySide;
    return draw(host.current, left, right, label);
  }, [left, right, label, narrow]);
  return <div ref={host} style={{ height: "100%", overflow: "auto" }} />;
}

function sideBySide(parent: HTMLElement, left: string, right: string, label: string): () => void {
  const view = new MergeView({
    parent,
    a: { doc: left, extensions: reading(`${label}, before`) },
    b: { doc: right, extensions: reading(`${label}, after`) },
    collapseUnchanged: COLLAPSED,
    gutter: true,
  });
  return () => view.destroy();
}

function oneUnderTheOther(parent: HTMLElement, left: string, right: string, label: string): () => void {
  const merged = unifiedMergeView({ original: left, mergeControls: false, collapseUnchanged: COLLAPSED });
  const view = new EditorView({ parent, doc: right, extensions: [...reading(label), merged] });
  return () => view.destroy();
}

function reading(name: string): Extension[] {
  return [
    lineNumbers(),
    EditorView.lineWrapping,
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({ "aria-label": name, tabindex: "0" }),
    keymap.of([
      { key: "n", run: goToNextChunk },
      { key: "p", run: goToPreviousChunk },
    ]),
    yaml(),
    look,
  ];
}
