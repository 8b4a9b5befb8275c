/** The first page of a new instance: what it runs on, its first user and its first tenant. */
import { Alert, Button, Stack, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Navigate, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { to } from "@/addresses";
import { api, call } from "@/api/client";
import { ApiError, isStatus, messageOf } from "@/api/errors";
import type { Setup } from "@/api/types";
import { Doorway } from "@/features/session/Doorway";
import { NewPassword, useNewPassword } from "@/features/session/NewPassword";
import { setupQuery, signIn } from "@/features/session/queries";
import { Facts } from "@/kit/Facts";
import { Failure, RowsLoading } from "@/kit/Notices";

const EMPTY = { username: "", tenantName: "", tenantId: "" };

export function SetupPage() {
  const setup = useQuery(setupQuery);
  if (setup.data?.done) return <Navigate to="/" replace />;
  return (
    <Doorway
      title="Set up this instance"
      text="Create the first user, who governs the instance, and the first tenant to work in."
    >
      {setup.isError && <Failure error={setup.error} onRetry={setup.refetch} />}
      {setup.isPending && <RowsLoading rows={8} />}
      {setup.data && <SetupForm setup={setup.data} />}
    </Doorway>
  );
}

function SetupForm({ setup }: { setup: Setup }) {
  const [form, setForm] = useState(EMPTY);
  const password = useNewPassword();
  const [idTyped, setIdTyped] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const client = useQueryClient();
  const navigate = useNavigate();
  const tenantId = idTyped ? form.tenantId : idFromName(form.tenantName);
  const set = (change: Partial<typeof EMPTY>) => setForm({ ...form, ...change });

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (password.weakness) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await create({ ...form, tenantId }, password.value);
      client.clear();
      await navigate({ to: to.home(tenantId), replace: true });
    } catch (error) {
      if (isStatus(error, 405)) client.invalidateQueries({ queryKey: setupQuery.queryKey });
      setProblem(error);
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Facts
          facts={[
            { name: "Database", value: setup.repositoryType },
            { name: "Queue", value: setup.queueType },
            { name: "Storage", value: setup.storageType },
            { name: "Secrets", value: setup.secretType ?? "–" },
          ]}
        />
        {problem !== undefined && <Problem error={problem} />}
        <TextInput
          label="Your e-mail"
          description="You sign in with it."
          type="email"
          size="sm"
          autoComplete="username"
          required
          autoFocus
          value={form.username}
          onChange={(event) => set({ username: event.currentTarget.value })}
        />
        <NewPassword state={password} label="Password" size="sm" />
        <TextInput
          label="Name of the first tenant"
          placeholder="Acme"
          size="sm"
          required
          value={form.tenantName}
          onChange={(event) => set({ tenantName: event.currentTarget.value })}
        />
        <TextInput
          label="Its id"
          description="Part of every address; it cannot be changed later."
          placeholder="acme"
          size="sm"
          required
          pattern="[a-z0-9][a-z0-9_\-]*"
          title="Small letters, digits, - and _"
          value={tenantId}
          onChange={(event) => {
            setIdTyped(true);
            set({ tenantId: event.currentTarget.value });
          }}
        />
        <Button type="submit" size="sm" loading={busy} fullWidth>
          Create user and tenant
        </Button>
      </Stack>
    </form>
  );
}

function Problem({ error }: { error: unknown }) {
  const fields = error instanceof ApiError ? error.fields : [];
  return (
    <Alert color="red" variant="light" role="alert">
      {messageOf(error)}
      {fields.map(({ path, message }) => (
        <div key={path + message}>
          {path}: {message}
        </div>
      ))}
    </Alert>
  );
}

async function create(form: typeof EMPTY, password: string): Promise<void> {
  const { username, tenantId, tenantName } = form;
  const tenant = { id: tenantId, name: tenantName, deleted: false };
  await call(api.POST("/api/v1/setup", { body: { username, password, tenant } }));
  await signIn(username, password);
}

export function idFromName(name: string): string {
  return name
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}
