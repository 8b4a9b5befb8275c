/** Tries an expression on an execution, as it would be rendered in one of its tasks. */

import { Button, Select, Textarea } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "@/api/client";
import { messageOf } from "@/api/errors";
import { jsonOf } from "@/api/json";
import type { EvalResult, Execution } from "@/api/types";
import { useTaskRuns } from "@/features/executions/taskRuns";
import { Section } from "@/kit/Facts";
import { useTenant } from "@/url";
import classes from "./EvalBox.module.css";

const MOST_CHOICES = 200;

export function EvalBox({ execution }: { execution: Execution }) {
  const tenant = useTenant();
  const [text, setText] = useState("{{ outputs }}");
  const [run, setRun] = useState<string | null>(null);
  const [q, setQ] = useState("");
  const runs = useRunChoices(tenant, execution, q);
  const evaluation = useMutation({
    mutationFn: () => evaluate(tenant, execution.id, run, text),
    onError: () => undefined,
  });
  const { data, error } = evaluation;
  const problem = error ? messageOf(error) : data?.error;

  return (
    <Section title="Try an expression">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          evaluation.mutate();
        }}
      >
        <Textarea
          aria-label="Expression"
          autosize
          minRows={2}
          maxRows={8}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) evaluation.mutate();
          }}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 12 } }}
        />
        <div className={classes.row}>
          <Select
            size="xs"
            aria-label="As seen by"
            placeholder="As seen by the execution"
            data={runs}
            limit={MOST_CHOICES}
            value={run}
            onChange={setRun}
            searchable
            onSearchChange={setQ}
            clearable
            w={240}
          />
          <Button type="submit" loading={evaluation.isPending} leftSection={<IconPlayerPlay size={14} />}>
            Evaluate
          </Button>
        </div>
      </form>
      <div aria-live="polite">
        {problem && <pre className={classes.problem}>{problem}</pre>}
        {data?.result !== undefined && !problem && <pre className={classes.result}>{data.result}</pre>}
      </div>
    </Section>
  );
}

/** The label of a choice that was made is what the box then searches for, so its dot counts for nothing. */
function useRunChoices(tenant: string, execution: Execution, q: string) {
  const { runs } = useTaskRuns(tenant, execution, { q: q.replace(" · ", " ") || undefined }, MOST_CHOICES);
  return runs.map(({ id, taskId, value }) => ({
    value: id,
    label: value === undefined ? taskId : `${taskId} · ${value}`,
  }));
}

async function evaluate(
  tenant: string,
  executionId: string,
  run: string | null,
  text: string,
): Promise<EvalResult> {
  const parts = [tenant, "executions", executionId, "actions", "eval", ...(run ? [run] : [])];
  const path = `/api/v1/${parts.map(encodeURIComponent).join("/")}`;
  const response = await send(path, {
    method: "POST",
    headers: { "Content-Type": "text/plain" },
    body: text,
  });
  return jsonOf(response);
}
