/** The tenants that whoever is signed in was asked into, and has not entered. */
import { Button } from "@mantine/core";
import { IconDoorEnter } from "@tabler/icons-react";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { to } from "@/addresses";
import { api, call } from "@/api/client";
import type { MyInvitation } from "@/api/types";
import { acceptInvitation } from "@/features/access/invitations/queries";
import { Section } from "@/kit/Facts";
import { failed } from "@/kit/notify";
import { When } from "@/kit/When";
import classes from "./ProfilePage.module.css";

const myInvitationsQuery = queryOptions({
  queryKey: ["me", "invitations"],
  queryFn: () => call<MyInvitation[]>(api.GET("/api/v1/me/invitations")),
});

/** Nothing where there is none. */
export function MyInvitations() {
  const query = useQuery(myInvitationsQuery);
  const open = (query.data ?? []).filter(({ isExpired }) => !isExpired);
  if (open.length === 0) return null;
  return (
    <Section title="Invitations">
      <ul className={classes.invitations} aria-label="Invitations">
        {open.map((invitation) => (
          <Waiting key={invitation.id} invitation={invitation} />
        ))}
      </ul>
    </Section>
  );
}

function Waiting({ invitation: { id, tenantId, expiredAt } }: { invitation: MyInvitation }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  async function enter() {
    try {
      await acceptInvitation(id);
      client.clear();
      await navigate({ to: to.home(tenantId) });
    } catch (error) {
      failed(error);
    }
  }
  return (
    <li>
      <span>
        You are asked into <strong>{tenantId}</strong>, until <When date={expiredAt} />
      </span>
      <Button variant="default" leftSection={<IconDoorEnter size={14} />} onClick={enter}>
        Enter {tenantId}
      </Button>
    </li>
  );
}
