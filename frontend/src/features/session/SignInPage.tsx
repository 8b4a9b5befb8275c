/** Signs in and goes back to where one was. */
import { Alert, Anchor, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { to } from "@/addresses";
import { isStatus, messageOf } from "@/api/errors";
import { Announced } from "@/features/announcements/Banners";
import { useUrlState } from "@/url";
import { Doorway } from "./Doorway";
import { signIn, signInMethodsQuery } from "./queries";

export function SignInPage() {
  const [search] = useUrlState();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const methods = useQuery(signInMethodsQuery);
  const client = useQueryClient();
  const navigate = useNavigate();

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await signIn(username, password);
      client.clear();
      await navigate({ to: returnAddress(search.to), replace: true });
    } catch (error) {
      setProblem(isStatus(error, 401) ? "The user name or the password is wrong." : messageOf(error));
      setBusy(false);
    }
  }

  return (
    <Doorway title="Sign in" above={<Announced />}>
      <form onSubmit={submit}>
        <Stack gap="md" mt="md">
          {problem && (
            <Alert color="red" variant="light" role="alert">
              {problem}
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
          <PasswordInput
            label="Password"
            size="sm"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" size="sm" loading={busy} fullWidth>
            Sign in
          </Button>
          {methods.data?.mailServiceEnabled && (
            <Anchor component={Link} to={to.forgottenPassword()} size="sm" ta="center">
              Forgot your password?
            </Anchor>
          )}
        </Stack>
      </form>
    </Doorway>
  );
}

/** Only an address of this application is followed. */
export function returnAddress(wanted: string | undefined): string {
  return wanted?.startsWith("/") && !wanted.startsWith("//") && !wanted.startsWith("/sign-in") ? wanted : "/";
}
