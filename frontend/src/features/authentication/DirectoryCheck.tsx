/** Tries a directory step by step, and whoever is named by it. Nobody is affected. */
import { Button, Group, PasswordInput, Stack, TextInput } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Section } from "@/kit/Facts";
import { Refusal } from "@/kit/Refusal";
import { checkDirectory, type Owner, testQuery } from "./queries";

export function DirectoryCheck({ owner, id }: { owner: Owner; id: string }) {
  const client = useQueryClient();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await checkDirectory(owner, id, username, password);
      await client.invalidateQueries({ queryKey: testQuery(owner, id).queryKey });
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  }

  return (
    <Section title="Test connection">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Group gap="sm" align="end">
            <TextInput
              label="Sign-in of (may be empty)"
              value={username}
              onChange={(event) => setUsername(event.currentTarget.value)}
            />
            <PasswordInput
              label="Their password (may be empty)"
              autoComplete="off"
              miw="14rem"
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            <Button type="submit" variant="default" leftSection={<IconPlayerPlay size={14} />} loading={busy}>
              Test
            </Button>
          </Group>
          {problem !== undefined && <Refusal error={problem} />}
        </Stack>
      </form>
    </Section>
  );
}
