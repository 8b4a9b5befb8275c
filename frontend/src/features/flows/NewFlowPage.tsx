/** A new flow: from an example or from scratch. */
import { Select } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { to } from "@/addresses";
import { FlowEditor } from "@/features/editor/FlowEditor";
import { usePrefetchSchema } from "@/features/editor/schemaQuery";
import { done } from "@/kit/notify";
import { Page } from "@/kit/Page";
import { useTenant, useUrlState } from "@/url";
import { EXAMPLES } from "./examples";
import { FirstFlow } from "./FirstFlow";
import { createFlow, flowQuery } from "./queries";
import { useLeaveGuard } from "./useLeaveGuard";

export function NewFlowPage() {
  const [search] = useUrlState();
  usePrefetchSchema();
  const example = EXAMPLES.find(({ id }) => id === search.example);
  if (!example) {
    return (
      <Page name="New flow" title="New flow">
        <FirstFlow />
      </Page>
    );
  }
  return <NewFlow key={example.id} source={example.source(window.location.origin)} example={example.id} />;
}

function NewFlow({ source, example }: { source: string; example: string }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [, setSearch] = useUrlState();
  const [text, setText] = useState(source);
  const leave = useLeaveGuard(text !== source);

  async function save(content: string) {
    const flow = await createFlow(tenant, content);
    leave.allow();
    client.setQueryData(flowQuery(tenant, flow).queryKey, { ...flow, source: flow.source ?? content });
    client.invalidateQueries({ queryKey: [tenant, "flows"] });
    done(`${flow.id} saved as revision ${flow.revision ?? 1}`);
    await navigate({ to: to.flow(tenant, flow.namespace, flow.id, "edit") });
  }

  return (
    <Page name="New flow" title="New flow" fill>
      <FlowEditor
        text={text}
        onText={setText}
        onSave={save}
        changed
        saveLabel="Save"
        aside={
          <Select
            size="xs"
            aria-label="Example to begin with"
            data={EXAMPLES.map(({ id, title }) => ({ value: id, label: title }))}
            value={example}
            onChange={(next) => next && setSearch({ example: next })}
            allowDeselect={false}
            w={150}
          />
        }
      />
    </Page>
  );
}
