/** The beginning of a file: tables as tables, pictures as pictures, the rest as text. */

import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { stringifyJson } from "@/api/json";
import { type FilePreview as Preview, previewQuery } from "@/features/executions/queries";
import { Failure, RowsLoading } from "@/kit/Notices";
import { useTenant } from "@/url";
import classes from "./FilePreview.module.css";
import { isMap, parseCsv } from "./files";

export function FilePreview({ executionId, uri }: { executionId: string; uri: string }) {
  const tenant = useTenant();
  const preview = useQuery(previewQuery(tenant, executionId, uri));
  if (preview.isError) return <Failure error={preview.error} onRetry={preview.refetch} />;
  if (!preview.data) return <RowsLoading rows={8} height={26} />;
  return (
    <>
      <Content preview={preview.data} />
      {preview.data.truncated && (
        <Text size="xs" c="dimmed" mt="sm">
          This is only the beginning; download the file for the rest.
        </Text>
      )}
    </>
  );
}

function Content({ preview }: { preview: Preview }) {
  const { type, extension, content } = preview;
  if (type === "IMAGE" && typeof content === "string") {
    return <img className={classes.image} alt="" src={`data:image/${extension};base64,${content}`} />;
  }
  if (Array.isArray(content)) return <Table rows={tableOf(content)} />;
  const text = typeof content === "string" ? content : stringifyJson(content, 2);
  if (extension === "csv") return <Table rows={parseCsv(text)} />;
  return <pre className={classes.text}>{text || "(empty)"}</pre>;
}

function Table({ rows: [head = [], ...rows] }: { rows: string[][] }) {
  return (
    <section className={classes.scroller} tabIndex={0} aria-label="Rows of the file">
      <table className={classes.table}>
        <thead>
          <tr>
            {head.map((cell, index) => (
              <th key={index}>{cell}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function tableOf(content: unknown[]): string[][] {
  const names = [...new Set(content.flatMap((row) => (isMap(row) ? Object.keys(row) : [])))];
  if (names.length === 0) return [["value"], ...content.map((row) => [cellText(row)])];
  return [names, ...content.map((row) => names.map((name) => cellText(isMap(row) ? row[name] : undefined)))];
}

function cellText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : stringifyJson(value);
}
