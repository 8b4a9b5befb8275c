/** Makes a token with which one more worker joins a group, and says how it is started. */
import { Alert, Button, Code, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, call } from "@/api/client";
import type { NewGroupToken, WorkerGroup } from "@/api/types";
import { configQuery } from "@/features/session/queries";
import { CopyText } from "@/kit/CopyText";
import { failed } from "@/kit/notify";
import { GROUPS_KEY } from "./queries";

interface JoinDialogProps {
  group: WorkerGroup;
  opened: boolean;
  onClose: () => void;
}

export function JoinDialog(props: JoinDialogProps) {
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={`Add a worker to ${props.group.name}`}
      size="lg"
    >
      <JoinForm {...props} />
    </Modal>
  );
}

function JoinForm({ group, onClose }: JoinDialogProps) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [token, setToken] = useState<string>();

  async function submit(event: FormEvent) {
    event.preventDefault();
    try {
      const made = await call<NewGroupToken>(
        api.POST("/api/v1/instance/worker-groups/{id}/tokens", {
          params: { path: { id: group.id ?? "" } },
          body: { name },
        }),
      );
      setToken(made.token);
      await client.invalidateQueries({ queryKey: GROUPS_KEY });
    } catch (error) {
      failed(error);
    }
  }

  if (token) return <HowToStart group={group} token={token} onClose={onClose} />;
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text size="sm">
          A worker needs the address of this instance and a token of the group, nothing else. It may run on
          any machine that reaches the address.
        </Text>
        <TextInput
          label="Name of the token"
          description="Says later which machines joined with it."
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit">Create token</Button>
        </Group>
      </Stack>
    </form>
  );
}

function HowToStart({ group, token, onClose }: { group: WorkerGroup; token: string; onClose: () => void }) {
  const config = useQuery(configQuery);
  const server = config.data?.url ?? window.location.origin;
  const command = `orrery server worker --group ${group.id} --server ${server} --token-file worker.token`;
  return (
    <Stack gap="md">
      <Alert color="yellow" variant="light">
        The token is shown this once. Keep it in a file that only the worker may read.
      </Alert>
      <Copied label="The content of worker.token" text={token} />
      <Copied label="The command" text={command} />
      <Group justify="flex-end">
        <Button onClick={onClose}>I have copied it</Button>
      </Group>
    </Stack>
  );
}

function Copied({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <Group gap={4}>
        <Text size="xs" c="dimmed">
          {label}
        </Text>
        <CopyText value={text} label={`Copy ${label.toLowerCase()}`} />
      </Group>
      <Code block style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
        {text}
      </Code>
    </div>
  );
}
