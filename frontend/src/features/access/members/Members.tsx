/** The people who may enter a tenant. */

import { Button, Modal, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconMailPlus, IconUserPlus, IconUsers } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { to } from "@/addresses";
import type { Member } from "@/api/types";
import type { Column } from "@/kit/DataTable";
import { DialogForm } from "@/kit/DialogForm";
import { done } from "@/kit/notify";
import { Records } from "@/kit/Records";
import { Tag } from "@/kit/Tag";
import { useTenant } from "@/url";
import { Allowed } from "../Allowed";
import { InviteDialog } from "../invitations/InviteDialog";
import { addByEmail, fetchMembers, membersKey } from "./queries";

export function Members() {
  const tenant = useTenant();
  const [adding, addDialog] = useDisclosure();
  const [inviting, inviteDialog] = useDisclosure();
  return (
    <>
      <Records
        label="Members"
        queryKey={membersKey(tenant)}
        fetchPage={(q, page) => fetchMembers(tenant, q, page)}
        columns={columns(tenant)}
        keyOf={({ id }) => id}
        nameOf={({ username }) => username}
        rowTo={({ id }) => to.member(tenant, id)}
        icon={IconUsers}
        hint="Invite people by e-mail; what they may do comes from their groups and roles."
        actions={
          <>
            <Allowed right="TENANT_ACCESS.CREATE">
              <Button variant="default" leftSection={<IconUserPlus size={14} />} onClick={addDialog.open}>
                Let in
              </Button>
            </Allowed>
            <Allowed right="INVITATION.CREATE">
              <Button leftSection={<IconMailPlus size={14} />} onClick={inviteDialog.open}>
                Invite
              </Button>
            </Allowed>
          </>
        }
      />
      <Modal opened={adding} onClose={addDialog.close} title="Let somebody in">
        <LetIn onClose={addDialog.close} />
      </Modal>
      <InviteDialog opened={inviting} onClose={inviteDialog.close} />
    </>
  );
}

function columns(tenant: string): Column<Member>[] {
  return [
    {
      id: "name",
      header: "Name",
      width: "minmax(150px, 2fr)",
      cell: ({ id, displayName, username }) => (
        <Link to={to.member(tenant, id)} className="link" style={{ fontWeight: 500 }}>
          {displayName || username}
        </Link>
      ),
    },
    {
      id: "username",
      header: "E-mail",
      width: "minmax(150px, 2fr)",
      hide: "narrow",
      cell: ({ username }) => username,
    },
    {
      id: "groups",
      header: "Groups",
      width: "minmax(140px, 3fr)",
      cell: ({ groups }) =>
        groups.map(({ id, name }) => (
          <Tag key={id} tone="calm">
            {name}
          </Tag>
        )),
    },
  ];
}

/** For those who have an account already; everybody else is invited. */
function LetIn({ onClose }: { onClose: () => void }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  async function letIn() {
    await addByEmail(tenant, email.trim());
    await client.invalidateQueries({ queryKey: membersKey(tenant) });
    done(`${email} may enter; give a role or a group next`);
    onClose();
  }
  return (
    <DialogForm verb="Let in" send={letIn} onClose={onClose}>
      <TextInput
        label="E-mail"
        description="Of somebody who has an account on this instance. Invite whoever has none."
        type="email"
        required
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
        data-autofocus
      />
    </DialogForm>
  );
}
