/** One open file: its text to be changed, or why it is not shown, and its history. */
import { Button, Tooltip } from "@mantine/core";
import { IconDeviceFloppy, IconDownload, IconFileUnknown, IconHistory } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { sizeText } from "@/features/files/files";
import { CopyText } from "@/kit/CopyText";
import { saveAddress } from "@/kit/download";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { done, failed } from "@/kit/notify";
import { FileHistory } from "./FileHistory";
import classes from "./NamespaceFiles.module.css";
import { nameOf } from "./paths";
import { type Content, contentAddress, contentQuery, filesChanged, type Place, putFile } from "./queries";

const YamlEditor = lazy(() => import("@/features/editor/YamlEditor"));

interface FileViewProps {
  place: Place;
  path: string;
  /** What was typed and is not saved. */
  draft: string | undefined;
  onType: (text: string, saved: string) => void;
  onSaved: () => void;
}

export function FileView(props: FileViewProps) {
  const { place, path } = props;
  const [history, setHistory] = useState(false);
  const content = useQuery(contentQuery(place, path));
  const aside = (
    <>
      <CopyText value={`{{ read('${path.slice(1)}') }}`} label={`Copy ${path} as expression`} />
      <Button
        variant={history ? "light" : "default"}
        aria-pressed={history}
        leftSection={<IconHistory size={14} />}
        onClick={() => setHistory(!history)}
      >
        History
      </Button>
      <Button
        variant="default"
        leftSection={<IconDownload size={14} />}
        onClick={() => saveAddress(contentAddress(place, path), nameOf(path))}
      >
        Download
      </Button>
    </>
  );
  if (history) {
    return (
      <>
        <div className={classes.bar}>
          <span className={classes.path}>{path}</span>
          {aside}
        </div>
        <FileHistory place={place} path={path} />
      </>
    );
  }
  if (content.isError) return <Failure error={content.error} onRetry={content.refetch} />;
  if (!content.data) return <RowsLoading rows={14} height={21} />;
  return <Shown {...props} content={content.data} aside={aside} />;
}

type ShownProps = FileViewProps & { content: Content; aside: ReactNode };

function Shown(props: ShownProps) {
  const { path, content, aside } = props;
  if (content.text !== undefined) return <TextFile {...props} saved={content.text} />;
  return (
    <>
      <div className={classes.bar}>
        <span className={classes.path}>{path}</span>
        {aside}
      </div>
      <Empty icon={IconFileUnknown} title="This file is not shown here">
        It is no text, or too long: {sizeText(content.size)}. Download it to see it, upload another to replace
        it.
      </Empty>
    </>
  );
}

function TextFile({ place, path, draft, onType, onSaved, saved, aside }: ShownProps & { saved: string }) {
  const client = useQueryClient();
  const [loaded, setLoaded] = useState({ text: draft ?? saved, base: saved, version: 0 });
  const [busy, setBusy] = useState(false);
  const changed = draft !== undefined;
  const isNewer = saved !== loaded.base;
  const load = () => {
    setLoaded({ text: saved, base: saved, version: loaded.version + 1 });
    onType(saved, saved);
  };
  useEffect(() => {
    if (isNewer && !changed) {
      setLoaded(({ version }) => ({ text: saved, base: saved, version: version + 1 }));
    }
  }, [isNewer, changed, saved]);

  async function save() {
    if (busy || draft === undefined) return;
    setBusy(true);
    try {
      await putFile(place, path, draft);
      setLoaded({ ...loaded, base: draft });
      client.setQueryData(contentQuery(place, path).queryKey, { size: draft.length, text: draft });
      onSaved();
      await filesChanged(client, place);
      done(`${nameOf(path)} saved`);
    } catch (error) {
      failed(error, "The file was not saved");
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <div className={classes.bar}>
        <span className={classes.path}>{path}</span>
        {isNewer && (
          <Button variant="light" color="yellow" onClick={load}>
            Someone has written it meanwhile: load it
          </Button>
        )}
        {aside}
        <Tooltip label="Save (Ctrl S)">
          <Button
            leftSection={<IconDeviceFloppy size={14} />}
            disabled={!changed}
            loading={busy}
            onClick={save}
          >
            Save
          </Button>
        </Tooltip>
      </div>
      <div className={classes.editor}>
        <Suspense fallback={<RowsLoading rows={14} height={21} />}>
          <YamlEditor
            key={`${path}:${loaded.version}`}
            initial={loaded.text}
            onChange={(text) => onType(text, loaded.base)}
            onSave={save}
            language={/\.ya?ml$/i.test(path) ? "yaml" : "text"}
            marks={NO_MARKS}
            label={`Text of ${path}`}
          />
        </Suspense>
      </div>
    </>
  );
}

const NO_MARKS: never[] = [];
