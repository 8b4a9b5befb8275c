/** How the editor looks in the application's colours. */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { nonce } from "../../nonce";

const surface = EditorView.theme({
  "&": {
    fontSize: "13px",
    backgroundColor: "var(--surface)",
    color: "var(--mantine-color-text)",
  },
  "&.cm-editor": { height: "100%" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mantine-font-family-monospace)", lineHeight: "1.6" },
  ".cm-gutters": {
    backgroundColor: "var(--surface)",
    color: "var(--mantine-color-dimmed)",
    border: "none",
    paddingLeft: "6px",
  },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--surface-hover) 60%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--mantine-color-text)" },
  ".cm-cursor": { borderLeftColor: "var(--mantine-color-text)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--surface-selected) !important",
  },
  ".cm-tooltip": {
    border: "1px solid var(--line)",
    borderRadius: "6px",
    backgroundColor: "var(--surface)",
    color: "var(--mantine-color-text)",
    boxShadow: "0 6px 24px rgb(0 0 0 / 14%)",
    fontFamily: "var(--mantine-font-family)",
    fontSize: "12px",
    overflow: "hidden",
  },
  ".cm-tooltip.cm-completionInfo": {
    padding: "8px 10px",
    maxWidth: "380px",
    whiteSpace: "pre-wrap",
    maxHeight: "280px",
    overflow: "auto",
  },
  ".cm-meaning": { padding: "8px 12px", maxWidth: "440px", maxHeight: "300px", overflow: "auto" },
  ".cm-meaning strong": { fontFamily: "var(--mantine-font-family-monospace)", marginRight: "8px" },
  ".cm-meaning span": { color: "var(--mantine-color-dimmed)", overflowWrap: "anywhere" },
  ".cm-meaning p": { margin: "6px 0 0", whiteSpace: "pre-wrap", lineHeight: "1.5" },
  ".cm-tooltip-autocomplete ul li": { padding: "3px 8px !important", lineHeight: "18px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    backgroundColor: "var(--surface-selected)",
    color: "var(--mantine-color-text)",
  },
  ".cm-completionDetail": { color: "var(--mantine-color-dimmed)", fontStyle: "normal", marginLeft: "10px" },
  ".cm-diagnostic": { padding: "6px 10px", borderLeftWidth: "3px", whiteSpace: "pre-wrap" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
  ".cm-panels": { backgroundColor: "var(--surface-sunken)", color: "inherit" },
  ".cm-changedLine": { backgroundColor: "color-mix(in srgb, var(--good-bg) 70%, transparent) !important" },
  "&.cm-merge-a .cm-changedLine, .cm-deletedChunk": {
    backgroundColor: "color-mix(in srgb, var(--bad-bg) 70%, transparent) !important",
  },
  ".cm-collapsedLines": {
    background: "var(--surface-sunken)",
    color: "var(--mantine-color-dimmed)",
    fontFamily: "var(--mantine-font-family)",
    fontSize: "12px",
  },
  ".cm-collapsedLines:before, .cm-collapsedLines:after": { content: '"…" !important' },
  "&.cm-merge-b .cm-changedText": { background: "color-mix(in srgb, var(--good) 30%, transparent)" },
  "&.cm-merge-a .cm-changedText": { background: "color-mix(in srgb, var(--bad) 30%, transparent)" },
});

const words = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--busy-fg)" },
  { tag: [tags.string, tags.content, tags.attributeValue], color: "var(--mantine-color-text)" },
  { tag: tags.special(tags.string), color: "var(--good-fg)" },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: "var(--wait-fg)" },
  { tag: tags.comment, color: "var(--mantine-color-dimmed)", fontStyle: "italic" },
  {
    tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace],
    color: "var(--mantine-color-dimmed)",
  },
  { tag: [tags.typeName, tags.labelName], color: "var(--warn-fg)" },
]);

export const look = [surface, syntaxHighlighting(words), EditorView.cspNonce.of(nonce)];
