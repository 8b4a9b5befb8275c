/** What of a tenant, or of a namespace, is kept how long: set here, tried before it is saved, and carried out. */
import { Button, Group, Stack } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { stringifyJson } from "@/api/json";
import type {
  RetentionKind,
  RetentionPreview,
  RetentionRule,
  RetentionRules,
  Retention as Told,
} from "@/api/types";
import { confirm } from "@/kit/confirm";
import { Section } from "@/kit/Facts";
import { Failure, RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { Refusal } from "@/kit/Refusal";
import { Preview, previewText } from "./Preview";
import { ALL_KINDS, type Place, retentionKey, retentionQuery, saveRetention, tryRetention } from "./queries";
import { KindFields } from "./RuleFields";
import { Runs } from "./Runs";
import { WhereAllowed } from "./WhereAllowed";

export function Retention(place: Place) {
  const query = useQuery(retentionQuery(place));
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  if (!query.data) return <RowsLoading rows={6} height={40} />;
  return (
    <>
      <Rules key={stringifyJson(query.data.rules)} place={place} told={query.data} />
      <Runs place={place} runs={query.data.runs} />
    </>
  );
}

function Rules({ place, told }: { place: Place; told: Told }) {
  const client = useQueryClient();
  const [rules, setRules] = useState<RetentionRules>(told.rules ?? {});
  const [preview, setPreview] = useState<RetentionPreview>();
  const [problem, setProblem] = useState<unknown>();
  const above = (kind: RetentionKind) => told.inherited.find((each) => each.kind === kind);

  function change(kind: RetentionKind, next: RetentionRule[] | undefined) {
    const { [kind]: _, ...others } = rules;
    setRules(next === undefined ? others : { ...others, [kind]: next });
    setPreview(undefined);
  }

  async function look(): Promise<RetentionPreview | undefined> {
    setProblem(undefined);
    try {
      const found = await tryRetention(place, rules);
      setPreview(found);
      return found;
    } catch (error) {
      setProblem(error);
    }
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    const found = await look();
    if (!found) return;
    confirm({
      title: "Save what is kept how long",
      name: place.namespace || place.tenant,
      text: `${previewText(found)} It is carried out from the next night on.`,
      verb: "Save",
      run: async () => {
        await saveRetention(place, rules);
        await client.invalidateQueries({ queryKey: retentionKey(place) });
        done("Retention saved");
      },
    });
  }

  return (
    <Section title="Retention">
      <form onSubmit={submit}>
        <Stack gap="md">
          {problem !== undefined && <Refusal error={problem} />}
          {ALL_KINDS.map((kind) => (
            <KindFields
              key={kind}
              kind={kind}
              rules={rules[kind]}
              above={above(kind)}
              onChange={(next) => change(kind, next)}
            />
          ))}
          {preview && <Preview preview={preview} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={look}>
              See what would go
            </Button>
            <WhereAllowed place={place}>
              <Button type="submit">Save</Button>
            </WhereAllowed>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
