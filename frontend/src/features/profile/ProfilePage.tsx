/** One's own name, password, sessions and API tokens. */
import { Button, Group, PasswordInput, Stack, TextInput } from "@mantine/core";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, call } from "@/api/client";
import type { ApiToken, Me, NewApiToken } from "@/api/types";
import { NewPassword, useNewPassword } from "@/features/session/NewPassword";
import { meQuery } from "@/features/session/queries";
import { TokenList } from "@/features/tokens/TokenList";
import { Section } from "@/kit/Facts";
import { RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { Page } from "@/kit/Page";
import { Refusal } from "@/kit/Refusal";
import { Appearance } from "./Appearance";
import { MyInvitations } from "./MyInvitations";
import classes from "./ProfilePage.module.css";
import { Sessions } from "./Sessions";

const myTokensQuery = queryOptions({
  queryKey: ["me", "tokens"],
  queryFn: () => call<{ results: ApiToken[] }>(api.GET("/api/v1/me/api-tokens")),
});

export function ProfilePage() {
  const me = useQuery(meQuery);
  return (
    <Page name="Profile" title="Profile" aside={me.data?.profile?.email}>
      <div className={classes.page}>
        {me.data ? <Names me={me.data} /> : <RowsLoading rows={3} />}
        <MyInvitations />
        <Appearance />
        <Tokens me={me.data} />
        <Password />
        <Sessions />
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

function Tokens({ me }: { me: Me | undefined }) {
  return (
    <TokenList
      query={myTokensQuery}
      everywhere={me?.superAdmin}
      create={(body) => call<NewApiToken>(api.POST("/api/v1/me/api-tokens", { body }))}
      rotate={(tokenId, overlap) =>
        call<NewApiToken>(
          api.POST("/api/v1/me/api-tokens/{tokenId}/rotate", {
            params: { path: { tokenId } },
            body: { overlap },
          }),
        )
      }
      withNetworks
      revoke={(tokenId) =>
        call(api.DELETE("/api/v1/me/api-tokens/{tokenId}", { params: { path: { tokenId } } }))
      }
      hint="A token lets a program act as you: send it as Authorization: Bearer …"
      refusal={me?.impersonator && "Whoever acts as somebody else makes and ends no tokens of theirs"}
    />
  );
}

function Password() {
  const [oldPassword, setOld] = useState("");
  const password = useNewPassword();
  const [problem, setProblem] = useState<unknown>();

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (password.weakness) return;
    try {
      await call(api.PUT("/api/v1/me/password", { body: { oldPassword, newPassword: password.value } }));
      setOld("");
      password.set("");
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
            <NewPassword state={password} />
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
