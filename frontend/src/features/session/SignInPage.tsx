/** Signs in and goes back to where one was: by a provider, or by a password. */
import { Alert, Anchor, Button, Divider, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { to } from "@/addresses";
import { messageOf } from "@/api/errors";
import { Announced } from "@/features/announcements/Banners";
import { useUrlState } from "@/url";
import { Doorway } from "./Doorway";
import { Providers } from "./Providers";
import { lookUp, signIn, signInMethodsQuery } from "./queries";
import { providerProblem, providerUrl } from "./signInAddresses";

export function SignInPage() {
  const [search, setSearch] = useUrlState();
  const tenant = search.tenant ?? tenantOf(search.to);
  const methods = useQuery(signInMethodsQuery(tenant));
  const buttons = (methods.data?.providers ?? []).filter(({ loginUri }) => loginUri);
  const byPassword = methods.data?.loginPassword !== false || search.local !== undefined;
  const refused = providerProblem(search.error, search.reference);
  return (
    <Doorway title="Sign in" above={<Announced />}>
      <Stack gap="md" mt="md">
        {refused && (
          <Alert color="red" variant="light" role="alert">
            {refused}
          </Alert>
        )}
        <Providers buttons={buttons} returnTo={returnAddress(search.to)} />
        {buttons.length > 0 && byPassword && <Divider label="or" />}
        {byPassword ? (
          <ByPassword
            tenant={tenant}
            returnTo={returnAddress(search.to)}
            mails={methods.data?.mailServiceEnabled === true}
          />
        ) : (
          <Anchor component="button" size="sm" ta="center" onClick={() => setSearch({ local: "yes" })}>
            Sign in as the administrator of the instance
          </Anchor>
        )}
      </Stack>
    </Doorway>
  );
}

/** A name that is an address leads to the provider of its domain, before a password is asked for in vain. */
function ByPassword({ tenant, returnTo, mails }: { tenant?: string; returnTo: string; mails: boolean }) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<string>();
  const [led, setLed] = useState<{ loginUri: string; title: string }>();
  const [busy, setBusy] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();

  async function lead() {
    const found = username.includes("@") ? await lookUp(username).catch(() => undefined) : undefined;
    setLed(found?.loginUri ? found : undefined);
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await signIn(username, password, tenant);
      client.clear();
      await navigate({ to: returnTo, replace: true });
    } catch (error) {
      setProblem(asSentence(messageOf(error)));
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
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
          onBlur={lead}
        />
        {led && (
          <Button component="a" href={providerUrl(led.loginUri, returnTo, username)} size="sm" fullWidth>
            Continue with {led.title}
          </Button>
        )}
        <PasswordInput
          label="Password"
          size="sm"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" size="sm" variant={led ? "default" : "filled"} loading={busy} fullWidth>
          Sign in
        </Button>
        {mails && (
          <Anchor component={Link} to={to.forgottenPassword()} size="sm" ta="center">
            Forgot your password?
          </Anchor>
        )}
      </Stack>
    </form>
  );
}

/** Only an address of this application is followed. */
export function returnAddress(wanted: string | undefined): string {
  return wanted?.startsWith("/") && !wanted.startsWith("//") && !wanted.startsWith("/sign-in") ? wanted : "/";
}

/** Whoever came from a page of a tenant is shown the providers of that tenant. */
export function tenantOf(wanted: string | undefined): string | undefined {
  const [, tenant] = returnAddress(wanted).split("/");
  return tenant || undefined;
}

/** What the server says without the name of the status before it. */
function asSentence(message: string): string {
  const text = message.replace(/^Unauthorized: /, "");
  return `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, "")}.`;
}
