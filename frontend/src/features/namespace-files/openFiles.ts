/** The files that are open in tabs, and what was typed into them and is not saved. */
import { moved } from "./paths";

export interface OpenFiles {
  paths: string[];
  /** Which of them is in front. */
  current: string | undefined;
  /** What was typed, by path; a file that is as it was saved has none. */
  drafts: Record<string, string>;
}

export const NONE: OpenFiles = { paths: [], current: undefined, drafts: {} };

export function opened(files: OpenFiles, path: string): OpenFiles {
  const paths = files.paths.includes(path) ? files.paths : [...files.paths, path];
  return { ...files, paths, current: path };
}

/** The tab beside it comes to the front. */
export function closed(files: OpenFiles, path: string): OpenFiles {
  const place = files.paths.indexOf(path);
  const paths = files.paths.filter((one) => one !== path);
  const { [path]: _, ...drafts } = files.drafts;
  const current = files.current === path ? (paths[place] ?? paths[place - 1]) : files.current;
  return { paths, current, drafts };
}

export function typed(files: OpenFiles, path: string, text: string, saved: string): OpenFiles {
  const { [path]: _, ...rest } = files.drafts;
  return { ...files, drafts: text === saved ? rest : { ...rest, [path]: text } };
}

/** A file or folder has another path now. */
export function followed(files: OpenFiles, from: string, to: string): OpenFiles {
  const rename = (path: string) => moved(path, from, to);
  return {
    paths: files.paths.map(rename),
    current: files.current && rename(files.current),
    drafts: Object.fromEntries(Object.entries(files.drafts).map(([path, text]) => [rename(path), text])),
  };
}
