/** Asks for a link to a new password, and takes the new password. */
import { Alert, Anchor, Button, Stack, TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { to } from "@/addresses";
import { Refusal } from "@/kit/Refusal";
import { useParam } from "@/url";
import { Doorway } from "./Doorway";
import { NewPassword, useNewPassword } from "./NewPassword";
import { forgotPassword, resetPassword } from "./queries";

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
  const password = useNewPassword();
  const [over, setOver] = useState(false);
  const [problem, setProblem] = useState<unknown>();

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (password.weakness) return;
    try {
      await resetPassword(token, password.value);
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
          <NewPassword state={password} size="sm" autoFocus />
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
