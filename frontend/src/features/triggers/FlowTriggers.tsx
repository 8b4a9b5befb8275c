/** What starts a flow besides people. */
import { Text } from "@mantine/core";
import type { FlowWithSource } from "@/api/types";
import { Facts, Section } from "@/kit/Facts";

export function FlowTriggers({ flow }: { flow: FlowWithSource }) {
  const triggers = flow.triggers ?? [];
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
          value: <span className="mono">{type}</span>,
        }))}
      />
    </Section>
  );
}
