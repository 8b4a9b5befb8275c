/** Edits a flow; each save is a new revision. */
import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { FlowWithSource } from "@/api/types";
import { FlowEditor } from "@/features/editor/FlowEditor";
import { done } from "@/kit/notify";
import { useTenant } from "@/url";
import { flowQuery, updateFlow } from "./queries";
import { useLeaveGuard } from "./useLeaveGuard";

export function EditFlow({ flow }: { flow: FlowWithSource }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const saved = flow.source ?? "";
  const [text, setText] = useState(saved);
  const [base, setBase] = useState(saved);
  const [version, setVersion] = useState(0);
  const changed = text !== base;
  useLeaveGuard(changed);
  const newer = saved !== base && flow.source !== undefined;

  async function save(content: string) {
    const next = await updateFlow(tenant, flow, content);
    setBase(content);
    client.setQueryData(flowQuery(tenant, flow).queryKey, { ...next, source: next.source ?? content });
    client.invalidateQueries({
      queryKey: [tenant, "flow", flow.namespace, flow.id],
      refetchType: "inactive",
    });
    client.invalidateQueries({ queryKey: [tenant, "flows"] });
    done(next.revision === flow.revision ? "Nothing changed" : `Saved as revision ${next.revision}`);
  }

  return (
    <FlowEditor
      text={text}
      onText={setText}
      onSave={save}
      changed={changed}
      saveLabel="Save"
      version={version}
      aside={
        newer && (
          <Button
            variant="light"
            color="yellow"
            onClick={() => {
              setText(saved);
              setBase(saved);
              setVersion(version + 1);
            }}
          >
            Someone saved revision {flow.revision}: load it
          </Button>
        )
      }
    />
  );
}
