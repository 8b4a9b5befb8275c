/** The last hundred calls of an integration: what was asked, answered and changed, and why it failed. */
import { Button, Code } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconRefresh, IconWebhook } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { parseJson, stringifyJson } from "@/api/json";
import type { IntegrationCall } from "@/api/types";
import { Section } from "@/kit/Facts";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { Tag } from "@/kit/Tag";
import { When } from "@/kit/When";
import { useTenant } from "@/url";
import classes from "./IntegrationPage.module.css";
import { callsQuery, integrationsKey } from "./queries";

export function Calls({ id }: { id: string }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const query = useQuery(callsQuery(tenant, id));
  const lookAgain = () => client.invalidateQueries({ queryKey: [...integrationsKey(tenant), id] });
  const calls = query.data?.results ?? [];
  return (
    <Section
      title="Last calls"
      aside={
        <Button
          variant="default"
          leftSection={<IconRefresh size={14} />}
          loading={query.isRefetching}
          onClick={lookAgain}
        >
          Look again
        </Button>
      }
    >
      {query.isPending && <RowsLoading rows={5} />}
      {query.isError && <Failure error={query.error} onRetry={query.refetch} />}
      {query.isSuccess && calls.length === 0 && (
        <Empty icon={IconWebhook} title="No calls yet">
          Test the connection in your directory. A call with a wrong token is refused before it gets here: if
          the test fails and nothing is shown, paste the token again.
        </Empty>
      )}
      {calls.length > 0 && (
        <ul className={classes.calls} aria-label="Last calls">
          {calls.map((each) => (
            <Call key={each.id} call={each} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Call({ call }: { call: IntegrationCall }) {
  const [opened, setOpened] = useState(false);
  const failed = call.status >= 400;
  const Chevron = opened ? IconChevronDown : IconChevronRight;
  return (
    <li className={classes.call}>
      <button
        type="button"
        className={classes.line}
        aria-expanded={opened}
        onClick={() => setOpened(!opened)}
      >
        <Chevron size={14} aria-hidden />
        <Tag tone={failed ? "bad" : "good"}>{call.status}</Tag>
        <span className={classes.what}>
          <span className="mono">
            {call.method} {decoded(call.path)}
          </span>
          <span className={classes.outcome} data-failed={failed || undefined}>
            {call.error ?? outcome(call)}
          </span>
        </span>
        <span className="numbers">{Math.round(call.milliseconds)} ms</span>
        <When date={call.at} />
      </button>
      {opened && <Details call={call} />}
    </li>
  );
}

function Details({ call }: { call: IntegrationCall }) {
  return (
    <div className={classes.details}>
      {call.asked && <Text title="Asked" text={pretty(call.asked)} />}
      {call.answered && <Text title="Answered" text={pretty(call.answered)} />}
      {call.changed.length > 0 && (
        <Text title="Changed" text={call.changed.map((each) => stringifyJson(each, 2)).join("\n")} />
      )}
    </div>
  );
}

function Text({ title, text }: { title: string; text: string }) {
  return (
    <div>
      <h3>{title}</h3>
      <Code block className={classes.body}>
        {text}
      </Code>
    </div>
  );
}

/** What came of a call that was served. */
export function outcome(call: IntegrationCall): string {
  if (call.changed.length === 0) return call.method === "GET" ? "read" : "nothing changed";
  const counts = new Map<string, number>();
  for (const { resource } of call.changed) counts.set(resource, (counts.get(resource) ?? 0) + 1);
  return [...counts]
    .map(([resource, count]) => `${named(resource)}${count > 1 ? ` ×${count}` : ""}`)
    .join(", ");
}

function named(resource: string): string {
  return resource.toLowerCase().replaceAll("_", " ");
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path.replaceAll("+", " "));
  } catch {
    return path;
  }
}

function pretty(text: string): string {
  try {
    return stringifyJson(parseJson(text), 2);
  } catch {
    return text;
  }
}
