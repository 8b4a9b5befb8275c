/** Where the link of an invitation leads: enter with the account one has, or make one. */
import { Alert, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { to } from "@/addresses";
import type { OpenInvitation } from "@/api/types";
import { Doorway } from "@/features/session/Doorway";
import { NewPassword, useNewPassword } from "@/features/session/NewPassword";
import { meQuery, signIn } from "@/features/session/queries";
import { RowsLoading } from "@/kit/Notices";
import { Refusal } from "@/kit/Refusal";
import { useParam } from "@/url";
import { acceptInvitation, createFromInvitation, openInvitationQuery } from "./queries";

export function AcceptPage() {
  const id = useParam("invitationId");
  const invitation = useQuery(openInvitationQuery(id));
  const me = useQuery({ ...meQuery, retry: false });
  if (invitation.isError) {
    return (
      <Doorway title="Invitation">
        <Stack gap="md" mt="md">
          <Refusal error={invitation.error} />
          <Text size="sm">Ask whoever invited you to send it again.</Text>
        </Stack>
      </Doorway>
    );
  }
  if (!invitation.data || me.isPending) {
    return (
      <Doorway title="Invitation">
        <RowsLoading rows={3} />
      </Doorway>
    );
  }
  const name = me.data?.profile?.email ?? me.data?.profile?.username;
  if (name) return <Enter id={id} invitation={invitation.data} name={name} />;
  if (invitation.data.hasAccount) return <SignInFirst id={id} invitation={invitation.data} />;
  return <NewAccount id={id} invitation={invitation.data} />;
}

interface PartProps {
  id: string;
  invitation: OpenInvitation;
}

function Enter({ id, invitation, name }: PartProps & { name: string }) {
  const enter = useEntering();
  return (
    <Doorway
      title={`Enter ${invitation.tenantName}`}
      text={`The invitation is for ${invitation.email}; you are signed in as ${name}.`}
    >
      <Stack gap="md" mt="md">
        {enter.problem !== undefined && <Refusal error={enter.problem} />}
        <Button
          size="sm"
          fullWidth
          loading={enter.busy}
          onClick={() => enter.run(() => acceptInvitation(id))}
        >
          Accept
        </Button>
      </Stack>
    </Doorway>
  );
}

function SignInFirst({ id, invitation }: PartProps) {
  return (
    <Doorway
      title={`Enter ${invitation.tenantName}`}
      text={`${invitation.email} has an account. Sign in with it to accept the invitation.`}
    >
      <Button
        mt="md"
        size="sm"
        fullWidth
        component={Link}
        to={to.signIn()}
        search={{ to: to.invitation(id) } as never}
      >
        Sign in
      </Button>
    </Doorway>
  );
}

function NewAccount({ id, invitation }: PartProps) {
  const enter = useEntering();
  const password = useNewPassword();
  const [draft, setDraft] = useState({ firstName: "", lastName: "" });
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });

  function submit(event: FormEvent) {
    event.preventDefault();
    if (password.weakness) return;
    enter.run(async () => {
      await createFromInvitation(id, { ...draft, password: password.value });
      await signIn(invitation.email, password.value);
    });
  }

  return (
    <Doorway
      title={`Welcome to ${invitation.tenantName}`}
      text="Choose a name and a password, and you are in."
    >
      <form onSubmit={submit}>
        <Stack gap="md" mt="md">
          {enter.problem !== undefined && <Refusal error={enter.problem} />}
          <Alert variant="light" color="gray" p="xs">
            The account is for {invitation.email}.
          </Alert>
          <Group grow align="flex-start">
            <TextInput
              label="First name"
              size="sm"
              autoComplete="given-name"
              required
              autoFocus
              value={draft.firstName}
              onChange={(event) => set({ firstName: event.currentTarget.value })}
            />
            <TextInput
              label="Last name"
              size="sm"
              autoComplete="family-name"
              required
              value={draft.lastName}
              onChange={(event) => set({ lastName: event.currentTarget.value })}
            />
          </Group>
          <NewPassword state={password} label="Password" size="sm" />
          <Button type="submit" size="sm" fullWidth loading={enter.busy}>
            Create the account
          </Button>
        </Stack>
      </form>
    </Doorway>
  );
}

/** Whoever has accepted begins at the start page, with nothing remembered of before. */
function useEntering() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  async function run(accept: () => Promise<unknown>) {
    setBusy(true);
    try {
      await accept();
      client.clear();
      await navigate({ to: "/", replace: true });
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  }
  return { run, busy, problem };
}
