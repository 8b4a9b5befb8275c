/** The rights of a tenant as a document: changed as a text, compared with what is, applied when the changes are seen. */
import { Button, Checkbox, Textarea } from "@mantine/core";
import { IconCheck, IconGitCompare, IconRefresh } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { AccessStep } from "@/api/types";
import { CopyText } from "@/kit/CopyText";
import { confirm } from "@/kit/confirm";
import { Section } from "@/kit/Facts";
import { Failure, RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { Refusal } from "@/kit/Refusal";
import { useTenant } from "@/url";
import classes from "./AsCode.module.css";
import { applyDocument, documentQuery, planDocument } from "./queries";
import { Steps } from "./Steps";

export function AsCode() {
  const query = useQuery(documentQuery(useTenant()));
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  if (query.data === undefined) return <RowsLoading rows={12} />;
  return <Document key={query.dataUpdatedAt} present={query.data} onReload={query.refetch} />;
}

interface DocumentProps {
  present: string;
  onReload: () => Promise<unknown>;
}

interface Planned {
  text: string;
  prune: boolean;
  steps: AccessStep[];
}

function Document({ present, onReload }: DocumentProps) {
  const tenant = useTenant();
  const client = useQueryClient();
  const [text, setText] = useState(present);
  const [prune, setPrune] = useState(false);
  const [planned, setPlanned] = useState<Planned>();
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  // What was compared is applied, never what was typed since.
  const isCurrent = planned !== undefined && planned.text === text && planned.prune === prune;

  async function plan() {
    setBusy(true);
    try {
      setPlanned({ text, prune, steps: await planDocument(tenant, text, prune) });
      setProblem(undefined);
    } catch (error) {
      setPlanned(undefined);
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  const ask = (wanted: Planned) =>
    confirm({
      title: "Apply rights",
      name: tenant,
      text: `${changes(wanted.steps.length)} made at once, from the next request on, or none if one is refused.`,
      verb: "Apply",
      run: async () => {
        const made = await applyDocument(tenant, wanted.text, wanted.prune);
        await client.invalidateQueries({ queryKey: [tenant, "access"] });
        done(`${changes(made.length)} made`);
      },
    });

  return (
    <div className={classes.page}>
      <Section
        title="Rights as code"
        aside={
          <Button variant="default" leftSection={<IconRefresh size={14} />} onClick={() => onReload()}>
            Read them again
          </Button>
        }
      >
        <Textarea
          label="Roles, groups, service accounts and bindings of this tenant"
          description="What stands in it is made so; a part that is left out stays as it is. The same by `orrery access plan|apply`."
          autosize
          minRows={10}
          maxRows={26}
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          rightSection={<CopyText value={text} label="Copy the document" />}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 12 } }}
        />
        <div className={classes.acts} style={{ marginTop: 10 }}>
          <Button leftSection={<IconGitCompare size={14} />} onClick={plan} loading={busy}>
            Compare
          </Button>
          <Checkbox
            size="xs"
            label="Remove what its parts do not name"
            checked={prune}
            onChange={(event) => setPrune(event.currentTarget.checked)}
          />
        </div>
      </Section>
      {problem !== undefined && <Refusal error={problem} />}
      {isCurrent && (
        <Section
          title="What would change"
          aside={
            planned.steps.length > 0 && (
              <Button leftSection={<IconCheck size={14} />} onClick={() => ask(planned)}>
                Apply {changes(planned.steps.length)}
              </Button>
            )
          }
        >
          <Steps steps={planned.steps} />
        </Section>
      )}
    </div>
  );
}

function changes(count: number): string {
  return count === 1 ? "1 change" : `${count} changes`;
}
