/** Asks for a link to a new password, and takes the new password. */
import { Alert, Anchor, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { to } from "@/addresses";
import { passwordProblem } from "@/features/setup/password";
import { Refusal } from "@/kit/Refusal";
import { useParam } from "@/url";
import { Doorway } from "./Doorway";
import { forgotPassword, resetPassword, setupQuery } from "./queries";

export function ForgottenPassword() {
  const [username, setUsername] = useState("");
  const [sent, setSent] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    try {
      await forgotPassword(username);
      setProblem(undefined);
      setSent(true);
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  }

  return (
    <Doorway title="Forgotten password" text="A link to a new password comes by e-mail.">
      <form onSubmit={submit}>
        <Stack gap="md" mt="md">
          {problem !== undefined && <Refusal error={problem} />}
          {sent && (
            <Alert variant="light" color="green" role="status">
              If there is an account of this name, a link is on its way. It works for a short time, once.
            </Alert>
          )}
          <TextInput
            label="User name or e-mail"
            size="sm"
            autoComplete="username"
            autoFocus
            required
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
          />
          <Button type="submit" size="sm" loading={busy} fullWidth>
            Send the link
          </Button>
          <BackToSignIn />
        </Stack>
      </form>
    </Doorway>
  );
}

export function ResetPassword() {
  const token = useParam("token");
  const setup = useQuery(setupQuery);
  const [password, setPassword] = useState("");
  const [over, setOver] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const weakness = password ? passwordProblem(password, setup.data?.passwordConfiguration) : undefined;

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (weakness) return;
    try {
      await resetPassword(token, password);
      setOver(true);
    } catch (error) {
      setProblem(error);
    }
  }

  if (over) {
    return (
      <Doorway title="Password changed" text="Sign in with the new one. All other sessions have ended.">
        <Button component={Link} to={to.signIn()} size="sm" fullWidth>
          Sign in
        </Button>
      </Doorway>
    );
  }
  return (
    <Doorway title="New password">
      <form onSubmit={submit}>
        <Stack gap="md" mt="md">
          {problem !== undefined && <Refusal error={problem} />}
          <PasswordInput
            label="New password"
            size="sm"
            autoComplete="new-password"
            autoFocus
            required
            error={weakness}
            aria-invalid={weakness ? true : undefined}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" size="sm" fullWidth>
            Change the password
          </Button>
          <BackToSignIn />
        </Stack>
      </form>
    </Doorway>
  );
}

function BackToSignIn() {
  return (
    <Anchor component={Link} to={to.signIn()} size="sm" ta="center">
      Back to sign in
    </Anchor>
  );
}
