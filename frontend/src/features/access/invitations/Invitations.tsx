/** Who was invited, and what became of it. */

import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCopy, IconMail, IconMailPlus, IconRefresh, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import type { Invitation } from "@/api/types";
import { confirm } from "@/kit/confirm";
import type { Column } from "@/kit/DataTable";
import { done, failed } from "@/kit/notify";
import { Records } from "@/kit/Records";
import type { Tone } from "@/kit/states";
import { Tag } from "@/kit/Tag";
import { When } from "@/kit/When";
import { useTenant } from "@/url";
import { Allowed } from "../Allowed";
import { InviteDialog } from "./InviteDialog";
import { fetchInvitations, invitationsKey, linkOf, revokeInvitation, sendAgain } from "./queries";

export function Invitations() {
  const tenant = useTenant();
  const client = useQueryClient();
  const [inviting, dialog] = useDisclosure();
  const refresh = () => client.invalidateQueries({ queryKey: invitationsKey(tenant) });
  return (
    <>
      <Records
        label="Invitations"
        queryKey={invitationsKey(tenant)}
        fetchPage={(q, page) => fetchInvitations(tenant, q, page)}
        columns={columns(tenant, refresh)}
        keyOf={({ id }) => id}
        nameOf={({ email }) => email}
        icon={IconMail}
        hint="An invitation lets somebody make an account, or enter with the one they have, and puts them into groups at once."
        actions={
          <Allowed right="INVITATION.CREATE">
            <Button leftSection={<IconMailPlus size={14} />} onClick={dialog.open}>
              Invite
            </Button>
          </Allowed>
        }
      />
      <InviteDialog opened={inviting} onClose={dialog.close} />
    </>
  );
}

const TONES: Record<string, Tone> = { PENDING: "wait", ACCEPTED: "good", EXPIRED: "calm" };

function columns(tenant: string, refresh: () => Promise<unknown>): Column<Invitation>[] {
  return [
    { id: "email", header: "E-mail", width: "minmax(170px, 3fr)", cell: ({ email }) => email },
    {
      id: "status",
      header: "State",
      width: "110px",
      cell: ({ status }) => (
        <Tag tone={TONES[status] ?? "calm"}>{status.charAt(0) + status.slice(1).toLowerCase()}</Tag>
      ),
    },
    {
      id: "into",
      header: "Into",
      width: "minmax(140px, 3fr)",
      hide: "narrow",
      cell: ({ groups, roles }) => [...groups, ...roles].map(({ name }) => name).join(", "),
    },
    {
      id: "sent",
      header: "Sent",
      width: "120px",
      hide: "medium",
      cell: ({ sentAt }) => <When date={sentAt} />,
    },
    {
      id: "ends",
      header: "Ends",
      width: "120px",
      hide: "narrow",
      cell: ({ status, expiredAt, acceptedAt }) =>
        status === "ACCEPTED" ? <When date={acceptedAt} /> : <When date={expiredAt} />,
    },
    {
      id: "actions",
      header: "",
      width: "104px",
      align: "end",
      cell: (invitation) => (
        <>
          {invitation.status === "PENDING" && (
            <Tooltip label="Copy the link">
              <ActionIcon
                aria-label={`Copy the link for ${invitation.email}`}
                onClick={() => copyLink(tenant, invitation).catch(failed)}
              >
                <IconCopy size={15} />
              </ActionIcon>
            </Tooltip>
          )}
          {invitation.status !== "ACCEPTED" && (
            <Allowed right="INVITATION.CREATE">
              <ActionIcon
                title="Send it again, with a new link"
                aria-label={`Send the invitation of ${invitation.email} again`}
                onClick={() =>
                  sendAgain(tenant, invitation.id)
                    .then(refresh)
                    .then(() => done(`${invitation.email} has a new link`))
                    .catch(failed)
                }
              >
                <IconRefresh size={15} />
              </ActionIcon>
            </Allowed>
          )}
          {invitation.status === "PENDING" && (
            <Allowed right="INVITATION.DELETE">
              <ActionIcon
                title="Revoke"
                aria-label={`Revoke the invitation of ${invitation.email}`}
                onClick={() => askRevoke(tenant, invitation, refresh)}
              >
                <IconTrash size={15} />
              </ActionIcon>
            </Allowed>
          )}
        </>
      ),
    },
  ];
}

async function copyLink(tenant: string, { id, email }: Invitation): Promise<void> {
  const link = await linkOf(tenant, id);
  if (!link) return failed(new Error("Only those who could give all that it gives may copy its link."));
  await navigator.clipboard.writeText(link);
  done(`Link for ${email} copied`);
}

function askRevoke(tenant: string, { id, email }: Invitation, refresh: () => Promise<unknown>): void {
  confirm({
    title: "Revoke an invitation",
    name: email,
    text: "Its link says from then on that it was revoked.",
    verb: "Revoke",
    run: async () => {
      await revokeInvitation(tenant, id);
      await refresh();
      done("Invitation revoked");
    },
  });
}
