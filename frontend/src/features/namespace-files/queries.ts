/** Reading and changing the files of a namespace. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { api, call, send } from "@/api/client";
import type { FileAttributes, FileRevision } from "@/api/types";

export interface Place {
  tenant: string;
  namespace: string;
}

/** The largest file that is opened to be read or changed here. */
export const MOST_SHOWN = 1024 * 1024;

const keyOf = ({ tenant, namespace }: Place, ...rest: unknown[]) => [
  tenant,
  "namespace",
  namespace,
  "files",
  ...rest,
];

export function folderQuery(place: Place, path: string) {
  return queryOptions({
    queryKey: keyOf(place, "folder", path),
    queryFn: () =>
      call<FileAttributes[]>(
        api.GET("/api/v1/{tenant}/namespaces/{namespace}/files/directory", {
          params: { path: place, query: { path } },
        }),
      ),
  });
}

export function searchQuery(place: Place, q: string) {
  return queryOptions({ queryKey: keyOf(place, "search", q), queryFn: () => findFiles(place, q) });
}

/** The paths of files that have a text in them. */
export function findFiles(place: Place, q: string): Promise<string[]> {
  return call<string[]>(
    api.GET("/api/v1/{tenant}/namespaces/{namespace}/files/search", {
      params: { path: place, query: { q } },
    }),
  );
}

export function revisionsQuery(place: Place, path: string) {
  return queryOptions({
    queryKey: keyOf(place, "revisions", path),
    queryFn: () =>
      call<FileRevision[]>(
        api.GET("/api/v1/{tenant}/namespaces/{namespace}/files/revisions", {
          params: { path: place, query: { path } },
        }),
      ),
  });
}

export interface Content {
  size: number;
  /** Undefined where it is no text, or too long to be shown. */
  text: string | undefined;
}

export function contentQuery(place: Place, path: string, revision?: number) {
  return queryOptions({
    queryKey: keyOf(place, "content", path, revision ?? "present"),
    queryFn: async (): Promise<Content> => {
      const answer = await send(contentAddress(place, path, revision));
      const length = Number(answer.headers.get("Content-Length") ?? 0);
      if (length > MOST_SHOWN) {
        await answer.body?.cancel();
        return { size: length, text: undefined };
      }
      const bytes = await answer.arrayBuffer();
      return { size: bytes.byteLength, text: textIn(bytes) };
    },
  });
}

/** The text in UTF-8, undefined for anything else. */
export function textIn(bytes: ArrayBuffer): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

export function contentAddress(place: Place, path: string, revision?: number): string {
  return addressOf(place, "", { path, revision });
}

export function archiveAddress(place: Place): string {
  return addressOf(place, "/export", {});
}

/** Writes a file, or its next revision. */
export async function putFile(place: Place, path: string, content: Blob | string): Promise<void> {
  await post(place, path, content, false);
}

/** Unpacks a ZIP into a folder. */
export async function unpackFile(place: Place, folder: string, archive: Blob): Promise<void> {
  await post(place, folder === "/" ? "/" : `${folder}/`, archive, true);
}

export async function restoreRevision(place: Place, path: string, revision: number): Promise<void> {
  const old = await send(contentAddress(place, path, revision));
  await putFile(place, path, await old.blob());
}

export function makeFolder(place: Place, path: string): Promise<unknown> {
  return call(
    api.POST("/api/v1/{tenant}/namespaces/{namespace}/files/directory", {
      params: { path: place, query: { path } },
    }),
  );
}

export function moveEntry(place: Place, from: string, to: string): Promise<unknown> {
  return call(
    api.PUT("/api/v1/{tenant}/namespaces/{namespace}/files", {
      params: { path: place, query: { from, to } },
    }),
  );
}

export function deleteEntry(place: Place, path: string): Promise<unknown> {
  return call(
    api.DELETE("/api/v1/{tenant}/namespaces/{namespace}/files", { params: { path: place, query: { path } } }),
  );
}

export function deleteRevisions(place: Place, path: string, revisions: number[]): Promise<unknown> {
  return call(
    api.DELETE("/api/v1/{tenant}/namespaces/{namespace}/files/revisions", {
      params: { path: place, query: { path, revisions } },
    }),
  );
}

/** Everything known of the files of this namespace is asked again. */
export function filesChanged(client: QueryClient, place: Place): Promise<void> {
  return client.invalidateQueries({ queryKey: keyOf(place) });
}

async function post(place: Place, path: string, content: Blob | string, unpack: boolean): Promise<void> {
  const form = new FormData();
  form.append("fileContent", new Blob([content]), unpack ? "files.zip" : "file");
  await send(addressOf(place, "", { path, unpack }), { method: "POST", body: form });
}

function addressOf({ tenant, namespace }: Place, rest: string, query: Record<string, unknown>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  const [one, other] = [tenant, namespace].map(encodeURIComponent);
  return `/api/v1/${one}/namespaces/${other}/files${rest}?${search}`;
}
