/** What starts a flow besides people, and how each of it stands. */
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { to } from "@/addresses";
import type { FlowWithSource, TriggerState } from "@/api/types";
import { Facts, Section } from "@/kit/Facts";
import { Tag } from "@/kit/Tag";
import { When } from "@/kit/When";
import { useTenant } from "@/url";
import { triggersOfFlowQuery } from "./queries";
import { standingOf } from "./standing";

export function FlowTriggers({ flow }: { flow: FlowWithSource }) {
  const tenant = useTenant();
  const triggers = flow.triggers ?? [];
  const query = useQuery({
    ...triggersOfFlowQuery(tenant, flow.namespace, flow.id),
    enabled: triggers.length > 0,
  });
  const states = new Map(query.data?.results.map((state) => [state.triggerId, state]));
  return (
    <Section title="Triggers">
      {triggers.length === 0 && (
        <Text size="sm" c="dimmed">
          Started by people, the API or other flows.
        </Text>
      )}
      <Facts
        facts={triggers.map(({ id, type }) => ({
          name: id,
          value: <Standing type={type} state={states.get(id)} />,
        }))}
      />
      {triggers.length > 0 && (
        <Link to={`${to.triggers(tenant)}?q=${encodeURIComponent(flow.id)}`} className="link">
          All about them
        </Link>
      )}
    </Section>
  );
}

function Standing({ type, state }: { type: string; state: TriggerState | undefined }) {
  const standing = state && standingOf(state);
  return (
    <>
      <span className="mono">{type}</span>
      {standing && (
        <>
          {" "}
          <Tag tone={standing.tone}>{standing.word}</Tag>
        </>
      )}
      {state?.nextEvaluationDate && (
        <>
          {" next "}
          <When date={state.nextEvaluationDate} />
        </>
      )}
    </>
  );
}
