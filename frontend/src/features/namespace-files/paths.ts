/** Paths of files in a namespace: they begin with a slash, `/` is the topmost folder. */

export const ROOT = "/";

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || ROOT;
}

export function inFolder(folder: string, name: string): string {
  return folder === ROOT ? `/${name}` : `${folder}/${name}`;
}

/** The folders that a path lies in, outermost first, without the topmost. */
export function ancestorsOf(path: string): string[] {
  const parts = path.split("/").slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
}

export function isBelow(path: string, folder: string): boolean {
  return folder === ROOT || path === folder || path.startsWith(`${folder}/`);
}

/** Where a path leads once the file or folder `from` is called `to`. */
export function moved(path: string, from: string, to: string): string {
  return isBelow(path, from) && from !== ROOT ? to + path.slice(from.length) : path;
}

/** What is wrong with a name that somebody has typed; with `nested` it may name folders before it. */
export function nameProblem(name: string, nested = false): string | undefined {
  const parts = nested ? name.replace(/^\//, "").split("/") : [name];
  if (parts.some((part) => part === "" || /^[ .]*$/.test(part))) return "Write a name.";
  if (parts.some((part) => /[\\/]/.test(part))) return "A name has no slash.";
  if (parts.some((part) => part !== part.trim() || part.endsWith("."))) {
    return "A name neither begins nor ends with a blank, nor ends with a dot.";
  }
  return undefined;
}
