/** What would go: how much of each kind in each namespace, how old the oldest is, and how much room it frees. */
import type { RetentionPreview } from "@/api/types";
import { sizeText } from "@/features/files/files";
import { type Column, DataTable } from "@/kit/DataTable";
import { When } from "@/kit/When";
import { KINDS } from "./queries";

type Line = RetentionPreview["lines"][number];

export function previewText({ lines, bytes, complete }: RetentionPreview): string {
  if (lines.length === 0) return "Nothing would go.";
  const more = complete ? "" : " There are more files than were looked at.";
  return `${sizeText(bytes)} would be freed.${more}`;
}

export function Preview({ preview }: { preview: RetentionPreview }) {
  const height = Math.min(8, preview.lines.length) * 40 + 34;
  return (
    <div>
      <p role="status">{previewText(preview)}</p>
      {preview.lines.length > 0 && (
        <div style={{ height, display: "flex" }}>
          <DataTable
            label="What would go"
            columns={COLUMNS}
            rows={preview.lines}
            rowKey={({ kind, namespace }) => `${kind} ${namespace}`}
            rowName={({ kind, namespace }) => `${KINDS[kind]} of ${namespace}`}
          />
        </div>
      )}
    </div>
  );
}

const COLUMNS: Column<Line>[] = [
  { id: "kind", header: "What", width: "minmax(120px, 2fr)", cell: ({ kind }) => KINDS[kind] },
  { id: "namespace", header: "Namespace", width: "minmax(120px, 2fr)", cell: ({ namespace }) => namespace },
  {
    id: "count",
    header: "How many",
    width: "90px",
    align: "end",
    cell: ({ count }) => <span className="numbers">{count.toLocaleString()}</span>,
  },
  {
    id: "bytes",
    header: "Frees",
    width: "90px",
    align: "end",
    cell: ({ bytes }) => <span className="numbers">{sizeText(bytes)}</span>,
  },
  {
    id: "oldest",
    header: "Oldest",
    width: "110px",
    hide: "narrow",
    cell: ({ oldest }) => <When date={oldest} />,
  },
];
