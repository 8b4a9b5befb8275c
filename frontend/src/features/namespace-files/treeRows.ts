/** The rows of the tree that are seen: the topmost folder's, and those of every folder that is open. */
import { useQueries } from "@tanstack/react-query";
import type { FileAttributes } from "@/api/types";
import { inFolder, ROOT } from "./paths";
import { folderQuery, type Place } from "./queries";

/** Under which an entry of the tree travels while it is dragged. */
export const ENTRY_TYPE = "application/x-orrery-path";

export interface TreeRow {
  path: string;
  name: string;
  depth: number;
  isFolder: boolean;
  isOpen: boolean;
}

export function useTreeRows(place: Place, open: ReadonlySet<string>) {
  const folders = [ROOT, ...open];
  const asked = useQueries({ queries: folders.map((path) => folderQuery(place, path)) });
  const known = new Map(folders.map((path, index) => [path, asked[index]?.data] as const));
  return { top: asked[0], rows: rowsOf(known, ROOT, 0, open) };
}

export function rowsOf(
  known: ReadonlyMap<string, FileAttributes[] | undefined>,
  folder: string,
  depth: number,
  open: ReadonlySet<string>,
): TreeRow[] {
  return (known.get(folder) ?? []).flatMap(({ fileName, type }) => {
    const path = inFolder(folder, fileName);
    const isFolder = type === "Directory";
    const isOpen = isFolder && open.has(path);
    const row = { path, name: fileName, depth, isFolder, isOpen };
    return isOpen ? [row, ...rowsOf(known, path, depth + 1, open)] : [row];
  });
}
