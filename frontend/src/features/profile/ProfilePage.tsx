/** One's own name, password and API tokens. */
import { Alert, Button, Code, Group, Modal, PasswordInput, Select, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconKey, IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, call } from "@/api/client";
import type { ApiToken, Me, NewApiToken } from "@/api/types";
import { configQuery, meQuery } from "@/features/session/queries";
import { passwordProblem } from "@/features/setup/password";
import { CopyText } from "@/kit/CopyText";
import { confirm } from "@/kit/confirm";
import { DialogForm } from "@/kit/DialogForm";
import { Section } from "@/kit/Facts";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { Page } from "@/kit/Page";
import { Refusal } from "@/kit/Refusal";
import { When } from "@/kit/When";
import classes from "./ProfilePage.module.css";

const tokensKey = ["me", "tokens"];

export function ProfilePage() {
  const me = useQuery(meQuery);
  return (
    <Page name="Profile" title="Profile" aside={me.data?.profile?.email}>
      <div className={classes.page}>
        {me.data ? <Names me={me.data} /> : <RowsLoading rows={3} />}
        <Tokens />
        <Password />
      </div>
    </Page>
  );
}

function Names({ me }: { me: Me }) {
  const client = useQueryClient();
  const [firstName, setFirstName] = useState(me.profile?.firstName ?? "");
  const [lastName, setLastName] = useState(me.profile?.lastName ?? "");
  const [problem, setProblem] = useState<unknown>();

  async function submit(event: FormEvent) {
    event.preventDefault();
    try {
      await call(api.PATCH("/api/v1/me", { body: { firstName, lastName, email: me.profile?.email } }));
      await client.invalidateQueries({ queryKey: meQuery.queryKey });
      setProblem(undefined);
      done("Saved");
    } catch (error) {
      setProblem(error);
    }
  }

  return (
    <Section title="Your name">
      <form onSubmit={submit}>
        <Stack gap="md">
          {problem !== undefined && <Refusal error={problem} />}
          <Group grow align="flex-start">
            <TextInput
              label="First name"
              autoComplete="given-name"
              value={firstName}
              onChange={(event) => setFirstName(event.currentTarget.value)}
            />
            <TextInput
              label="Last name"
              autoComplete="family-name"
              value={lastName}
              onChange={(event) => setLastName(event.currentTarget.value)}
            />
          </Group>
          <Group justify="flex-end">
            <Button type="submit" variant="default">
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function Tokens() {
  const client = useQueryClient();
  const [creating, dialog] = useDisclosure();
  const tokens = useQuery({
    queryKey: tokensKey,
    queryFn: () => call<{ results: ApiToken[] }>(api.GET("/api/v1/me/api-tokens")),
  });
  const askDelete = ({ id, name }: ApiToken) =>
    confirm({
      title: "Revoke token",
      name,
      text: "Whatever uses it is refused from the next request on.",
      verb: "Revoke",
      run: async () => {
        await call(api.DELETE("/api/v1/me/api-tokens/{tokenId}", { params: { path: { tokenId: id } } }));
        await client.invalidateQueries({ queryKey: tokensKey });
      },
    });
  const list = tokens.data?.results ?? [];
  return (
    <Section
      title="API tokens"
      aside={
        <Button variant="default" leftSection={<IconPlus size={14} />} onClick={dialog.open}>
          Create token
        </Button>
      }
    >
      {tokens.isPending && <RowsLoading rows={3} />}
      {tokens.isError && <Failure error={tokens.error} onRetry={tokens.refetch} />}
      {tokens.isSuccess && list.length === 0 && (
        <Empty icon={IconKey} title="No tokens">
          A token lets a program act as you: send it as <code>Authorization: Bearer …</code>
        </Empty>
      )}
      {list.map((token) => (
        <div key={token.id} className={classes.token}>
          <div className={classes.tokenName}>
            <strong>{token.name}</strong> <Code>{token.prefix}…</Code>
            {token.description && <div className={classes.dim}>{token.description}</div>}
          </div>
          <div className={classes.dim}>
            {token.expired ? "expired" : token.exp ? "expires" : "never expires"}{" "}
            {token.exp && <When date={token.exp} />}
            <br />
            {token.lastUsed ? (
              <>
                used <When date={token.lastUsed} />
              </>
            ) : (
              "never used"
            )}
          </div>
          <Button
            variant="subtle"
            color="red"
            px={6}
            aria-label={`Revoke ${token.name}`}
            onClick={() => askDelete(token)}
          >
            <IconTrash size={15} />
          </Button>
        </div>
      ))}
      <Modal opened={creating} onClose={dialog.close} title="Create API token">
        <CreateToken onClose={dialog.close} />
      </Modal>
    </Section>
  );
}

const AGES = [
  { value: "P7D", label: "7 days" },
  { value: "P30D", label: "30 days" },
  { value: "P90D", label: "90 days" },
  { value: "P365D", label: "One year" },
];

function CreateToken({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [maxAge, setMaxAge] = useState("P30D");
  const [created, setCreated] = useState<NewApiToken>();

  async function create() {
    const body = { name, description: description || undefined, maxAge };
    setCreated(await call<NewApiToken>(api.POST("/api/v1/me/api-tokens", { body })));
    await client.invalidateQueries({ queryKey: tokensKey });
  }

  if (created) {
    return (
      <Stack gap="md">
        <Alert color="yellow" variant="light">
          Copy the token now. It is not shown again.
        </Alert>
        <div className={classes.secret}>
          <Code block className={classes.secretText} data-testid="token">
            {created.fullToken}
          </Code>
          <CopyText value={created.fullToken} label="Copy the token" />
        </div>
        <Group justify="flex-end">
          <Button onClick={onClose}>I have copied it</Button>
        </Group>
      </Stack>
    );
  }
  return (
    <DialogForm verb="Create" send={create} onClose={onClose}>
      <TextInput
        label="Name"
        placeholder="my-laptop"
        required
        maxLength={63}
        pattern="[a-z0-9]+(-[a-z0-9]+)*"
        title="Small letters and digits, in groups with hyphens"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <TextInput
        label="What it is for"
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <Select
        label="Valid for"
        data={AGES}
        value={maxAge}
        onChange={(next) => next && setMaxAge(next)}
        allowDeselect={false}
      />
    </DialogForm>
  );
}

function Password() {
  const config = useQuery(configQuery);
  const [oldPassword, setOld] = useState("");
  const [newPassword, setNew] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const weakness = newPassword ? passwordProblem(newPassword, config.data?.passwordConfiguration) : undefined;

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (weakness) return;
    try {
      await call(api.PUT("/api/v1/me/password", { body: { oldPassword, newPassword } }));
      setOld("");
      setNew("");
      setProblem(undefined);
      done("Password changed");
    } catch (error) {
      setProblem(error);
    }
  }

  return (
    <Section title="Password">
      <form onSubmit={submit}>
        <Stack gap="md">
          {problem !== undefined && <Refusal error={problem} />}
          <Group grow align="flex-start">
            <PasswordInput
              label="Present password"
              autoComplete="current-password"
              required
              value={oldPassword}
              onChange={(event) => setOld(event.currentTarget.value)}
            />
            <PasswordInput
              label="New password"
              autoComplete="new-password"
              required
              error={weakness}
              aria-invalid={weakness ? true : undefined}
              value={newPassword}
              onChange={(event) => setNew(event.currentTarget.value)}
            />
          </Group>
          <Group justify="flex-end">
            <Button type="submit" variant="default">
              Change password
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
