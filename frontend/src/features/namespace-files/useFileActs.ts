/** What is done with files and folders, each with its question and its word at the end. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { confirm } from "@/kit/confirm";
import { done, failed } from "@/kit/notify";
import type { PathQuestion } from "./PathDialog";
import { ancestorsOf, inFolder, isBelow, nameOf, parentOf, ROOT } from "./paths";
import {
  deleteEntry,
  filesChanged,
  findFiles,
  makeFolder,
  moveEntry,
  type Place,
  putFile,
  unpackFile,
} from "./queries";
import type { Workspace } from "./useWorkspace";

export function useFileActs(place: Place, workspace: Workspace) {
  const client = useQueryClient();
  const [question, setQuestion] = useState<PathQuestion>();

  async function move(from: string, to: string) {
    await moveEntry(place, from, to);
    workspace.follow(from, to);
    await filesChanged(client, place);
    done(`${nameOf(from)} is now ${to}`);
  }

  async function tried(act: () => Promise<unknown>, title: string) {
    try {
      await act();
    } catch (error) {
      failed(error, title);
    }
  }

  return {
    question,
    closeQuestion: () => setQuestion(undefined),
    newFile: (folder: string) =>
      setQuestion({
        title: "New file",
        label: folder === ROOT ? "Name" : `Name in ${folder}`,
        description: "Folders may stand before it, as in scripts/hello.py.",
        value: "",
        verb: "Create",
        nested: true,
        send: async (name) => {
          const path = inFolder(folder, name.replace(/^\//, ""));
          await makeEmpty(place, path);
          await filesChanged(client, place);
          workspace.open(path);
        },
      }),
    newFolder: (folder: string) =>
      setQuestion({
        title: "New folder",
        label: folder === ROOT ? "Name" : `Name in ${folder}`,
        value: "",
        verb: "Create",
        nested: true,
        send: async (name) => {
          const path = inFolder(folder, name.replace(/^\//, ""));
          await makeFolder(place, path);
          await filesChanged(client, place);
          workspace.expand([...ancestorsOf(path), path]);
        },
      }),
    rename: (path: string) =>
      setQuestion({
        title: `Rename ${nameOf(path)}`,
        label: "Name",
        description: "Flows that read it by its old path no longer find it.",
        value: nameOf(path),
        verb: "Rename",
        send: (name) => move(path, inFolder(parentOf(path), name)),
      }),
    move: (path: string) =>
      setQuestion({
        title: `Move ${nameOf(path)}`,
        label: "Path",
        description: "Flows that read it by its old path no longer find it.",
        value: path,
        verb: "Move",
        nested: true,
        send: (to) => move(path, `/${to.replace(/^\//, "")}`),
      }),
    moveInto: (path: string, folder: string) => {
      if (isBelow(folder, path) || parentOf(path) === folder) return;
      tried(() => move(path, inFolder(folder, nameOf(path))), `${nameOf(path)} was not moved`);
    },
    delete: (path: string) =>
      confirm({
        title: "Delete",
        name: path,
        text: "It goes with everything in it and all its revisions. Flows that read it fail from then on.",
        verb: "Delete",
        run: async () => {
          await deleteEntry(place, path);
          workspace.drop(path);
          await filesChanged(client, place);
          done(`${nameOf(path)} deleted`);
        },
      }),
    upload: (folder: string, chosen: File[]) =>
      tried(async () => {
        try {
          for (const file of chosen) await putFile(place, inFolder(folder, file.name), file);
        } finally {
          await filesChanged(client, place);
        }
        if (folder !== ROOT) workspace.expand([...ancestorsOf(folder), folder]);
        if (chosen.length > 0)
          done(chosen.length === 1 ? `${chosen[0]?.name} uploaded` : `${chosen.length} files uploaded`);
      }, "Not all files were uploaded"),
    unpack: (folder: string, archive: File) =>
      tried(async () => {
        await unpackFile(place, folder, archive);
        await filesChanged(client, place);
        done(`${archive.name} unpacked`);
      }, "Nothing was unpacked"),
    /** Asks before what was typed is lost. */
    close: (path: string) => {
      const loses = path in workspace.files.drafts;
      if (!loses || window.confirm(`Close ${nameOf(path)} and lose what was not saved?`))
        workspace.close(path);
    },
  };
}

/** A file that is there already is opened, not emptied. */
async function makeEmpty(place: Place, path: string): Promise<void> {
  const there = await findFiles(place, path);
  if (!there.includes(path)) await putFile(place, path, "");
}
