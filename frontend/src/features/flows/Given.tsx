/** What the namespaces of a flow give to it: the variables it may read, and the plugin defaults of its tasks. */
import { useQuery } from "@tanstack/react-query";
import type { FlowWithSource } from "@/api/types";
import { DefaultFacts, surroundingsQuery, VariableFacts } from "@/features/namespaces/Surroundings";
import { Section } from "@/kit/Facts";
import { useTenant } from "@/url";
import { concerns, typesIn } from "./pluginTypes";

export function Given({ flow }: { flow: FlowWithSource }) {
  const tenant = useTenant();
  const { data } = useQuery({ ...surroundingsQuery(tenant, flow.namespace), retry: false });
  const types = typesIn(flow);
  const defaults = (data?.pluginDefaults ?? []).filter(({ type }) => concerns(type, types));
  const variables = (data?.variables ?? []).filter(({ hiddenBy }) => !hiddenBy);
  return (
    <>
      {defaults.length > 0 && (
        <Section title="Plugin defaults of its namespace">
          <DefaultFacts tenant={tenant} defaults={defaults} />
        </Section>
      )}
      {variables.length > 0 && (
        <Section title="Variables of its namespace">
          <VariableFacts tenant={tenant} variables={variables} />
        </Section>
      )}
    </>
  );
}
