/** Two texts side by side, what differs marked. */
import { yaml } from "@codemirror/lang-yaml";
import { MergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { look } from "./look";

interface DiffViewProps {
  left: string;
  right: string;
  label: string;
}

export default function DiffView({ left, right, label }: DiffViewProps) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!host.current) return;
    const side = (name: string) => [
      lineNumbers(),
      EditorView.lineWrapping,
      EditorState.readOnly.of(true),
      EditorView.editable.of(false),
      EditorView.contentAttributes.of({ "aria-label": `${label}, ${name}`, tabindex: "0" }),
      yaml(),
      look,
    ];
    const view = new MergeView({
      parent: host.current,
      a: { doc: left, extensions: side("before") },
      b: { doc: right, extensions: side("after") },
      collapseUnchanged: { margin: 4, minSize: 8 },
      gutter: true,
    });
    return () => view.destroy();
  }, [left, right, label]);
  return <div ref={host} style={{ height: "100%", overflow: "auto" }} />;
}
