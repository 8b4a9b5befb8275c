/** What somebody has open of a namespace's files: tabs, folders, a search. The file in front stands in the address. */
import { useRef, useState } from "react";
import { useLeaveGuard } from "@/features/flows/useLeaveGuard";
import { useUrlState } from "@/url";
import { closed, followed, NONE, opened, typed } from "./openFiles";
import { ancestorsOf, isBelow, moved, ROOT } from "./paths";

export type Workspace = ReturnType<typeof useWorkspace>;

export function useWorkspace() {
  const [address, setAddress] = useUrlState();
  const [files, setFiles] = useState(() => (address.file ? opened(NONE, address.file) : NONE));
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(
    () => new Set(address.file ? ancestorsOf(address.file) : []),
  );
  const [wanted, setWanted] = useState("");
  const target = useRef(ROOT);
  useLeaveGuard(Object.keys(files.drafts).length > 0);

  function show(next: typeof files) {
    setFiles(next);
    if (next.current !== files.current) setAddress({ file: next.current });
  }
  const expand = (folders: string[]) => setExpanded((before) => new Set([...before, ...folders]));

  return {
    files,
    expanded,
    wanted,
    changed: new Set(Object.keys(files.drafts)) as ReadonlySet<string>,
    search: setWanted,
    open: (path: string) => {
      show(opened(files, path));
      expand(ancestorsOf(path));
    },
    close: (path: string) => show(closed(files, path)),
    /** Everything at and below a path is gone. */
    drop: (path: string) => show(files.paths.filter((one) => isBelow(one, path)).reduce(closed, files)),
    follow: (from: string, to: string) => {
      show(followed(files, from, to));
      setExpanded(
        (before) => new Set([...[...before].map((one) => moved(one, from, to)), ...ancestorsOf(to)]),
      );
    },
    expand,
    toggle: (folder: string) =>
      setExpanded((before) => {
        const next = new Set(before);
        if (!next.delete(folder)) next.add(folder);
        return next;
      }),
    type: (text: string, saved: string) =>
      setFiles((now) => (now.current === undefined ? now : typed(now, now.current, text, saved))),
    saved: () => setFiles((now) => (now.current === undefined ? now : typed(now, now.current, "", ""))),
    /** Into which folder the files go that are chosen next. */
    aim: (folder: string) => {
      target.current = folder;
    },
    aimed: () => target.current,
  };
}
