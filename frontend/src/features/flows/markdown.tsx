/** The little markdown that descriptions use: bold, italics, code and links; anything else stays text. */
import type { ReactNode } from "react";

const MARKS = /(\*\*[^*]+\*\*|\*[^*\s][^*]*\*|`[^`]+`|\[[^\]]+\]\(https?:\/\/[^)\s]+\))/g;

export function plainMarkdown(text: string): ReactNode[] {
  return text.split(MARKS).map((part, index) => (index % 2 ? marked(part, index) : part));
}

function marked(part: string, key: number): ReactNode {
  if (part.startsWith("**")) return <strong key={key}>{part.slice(2, -2)}</strong>;
  if (part.startsWith("*")) return <em key={key}>{part.slice(1, -1)}</em>;
  if (part.startsWith("`")) return <code key={key}>{part.slice(1, -1)}</code>;
  const [, label, url] = /^\[([^\]]+)\]\((.*)\)$/.exec(part) ?? [];
  return (
    <a key={key} href={url} target="_blank" rel="noreferrer noopener" style={{ textDecoration: "underline" }}>
      {label}
    </a>
  );
}
