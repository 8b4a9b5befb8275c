/** The address that starts a flow, and a request to try it with. */
import { Alert, Code, Group, Select, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import type { TriggerRow } from "@/api/types";
import { CopyText } from "@/kit/CopyText";
import { DialogForm } from "@/kit/DialogForm";

const METHODS = ["POST", "GET", "PUT"] as const;

interface WebhookDialogProps {
  tenant: string;
  row: TriggerRow;
  onClose: () => void;
}

export function webhookAddress(tenant: string, { state, trigger }: TriggerRow): string {
  const parts = [tenant, "executions", "webhook", state.namespace, state.flowId, String(trigger.key ?? "")];
  return `${window.location.origin}/api/v1/${parts.map(encodeURIComponent).join("/")}`;
}

export function WebhookDialog({ tenant, row, onClose }: WebhookDialogProps) {
  const [method, setMethod] = useState<string>("POST");
  const [body, setBody] = useState("{}");
  const [told, setTold] = useState<string>();
  const address = webhookAddress(tenant, row);
  const isRendered = String(row.trigger.key ?? "").includes("{{");

  async function send() {
    setTold(undefined);
    const answer = await fetch(address, {
      method,
      credentials: "omit",
      headers: method === "GET" ? {} : { "Content-Type": "application/json" },
      body: method === "GET" ? undefined : body,
    });
    const text = await answer.text();
    setTold(
      answer.status === 204 ? "204: a condition does not hold, nothing started" : `${answer.status}: ${text}`,
    );
  }

  return (
    <DialogForm verb="Send" send={send} onClose={onClose} disabled={isRendered}>
      <Stack gap="md">
        <Text size="sm">Whoever knows this address may start the flow.</Text>
        <Group gap="xs" wrap="nowrap">
          <Code style={{ overflowWrap: "anywhere" }}>{address}</Code>
          <CopyText value={address} label="Copy the address" />
        </Group>
        {isRendered && (
          <Alert color="yellow" variant="light">
            The key is an expression: put its value in the place of the last part.
          </Alert>
        )}
        <Select
          label="Method"
          data={METHODS}
          value={method}
          onChange={(next) => setMethod(next ?? "POST")}
          allowDeselect={false}
        />
        {method !== "GET" && (
          <Textarea
            label="Body"
            autosize
            minRows={3}
            maxRows={12}
            value={body}
            onChange={(event) => setBody(event.currentTarget.value)}
            styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
          />
        )}
        {told !== undefined && (
          <Code block aria-label="Answer" style={{ maxHeight: 240, overflow: "auto" }}>
            {told}
          </Code>
        )}
      </Stack>
    </DialogForm>
  );
}
