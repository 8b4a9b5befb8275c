/** The accounts of an instance, for superadmins. */

import { Button, Modal, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconUserPlus, IconUsers } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { to } from "@/addresses";
import type { Account } from "@/api/types";
import { NewPassword, useNewPassword } from "@/features/session/NewPassword";
import type { Column } from "@/kit/DataTable";
import { DialogForm } from "@/kit/DialogForm";
import { done } from "@/kit/notify";
import { type Choice, ManyPicker } from "@/kit/Picker";
import { Records } from "@/kit/Records";
import { Tag } from "@/kit/Tag";
import { useTenant } from "@/url";
import { findTenants } from "../tenants/queries";
import { createUser, fetchUsers, type UserDraft, usersKey } from "./queries";

export function Users() {
  const tenant = useTenant();
  const [creating, dialog] = useDisclosure();
  return (
    <>
      <Records
        label="Users"
        queryKey={usersKey}
        fetchPage={fetchUsers}
        columns={columns(tenant)}
        keyOf={({ id }) => id}
        nameOf={({ username }) => username}
        rowTo={({ id }) => to.user(tenant, id)}
        icon={IconUsers}
        hint="An account may enter the tenants that let it in."
        actions={
          <Button leftSection={<IconUserPlus size={14} />} onClick={dialog.open}>
            New user
          </Button>
        }
      />
      <Modal opened={creating} onClose={dialog.close} title="New user">
        <NewUser onClose={dialog.close} />
      </Modal>
    </>
  );
}

function columns(tenant: string): Column<Account>[] {
  return [
    {
      id: "name",
      header: "Name",
      width: "minmax(150px, 2fr)",
      cell: ({ id, displayName, username }) => (
        <Link to={to.user(tenant, id)} className="link" style={{ fontWeight: 500 }}>
          {displayName || username}
        </Link>
      ),
    },
    {
      id: "email",
      header: "E-mail",
      width: "minmax(150px, 2fr)",
      hide: "narrow",
      cell: ({ email }) => email,
    },
    {
      id: "tenants",
      header: "Tenants",
      width: "minmax(120px, 2fr)",
      hide: "medium",
      cell: ({ tenants }) => tenants.map(({ name }) => name).join(", "),
    },
    {
      id: "marks",
      header: "",
      width: "190px",
      cell: ({ superAdmin, restricted, locked }) => (
        <>
          {locked && <Tag tone="bad">Locked</Tag>}
          {superAdmin && <Tag tone="busy">Superadmin</Tag>}
          {restricted && <Tag tone="calm">Restricted</Tag>}
        </>
      ),
    },
  ];
}

function NewUser({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [draft, setDraft] = useState({ email: "", firstName: "", lastName: "" });
  const password = useNewPassword();
  const [tenants, setTenants] = useState<Choice[]>([]);
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });
  async function create() {
    const body: UserDraft = { ...draft, tenants: tenants.map(({ value }) => value) };
    await createUser(password.value ? { ...body, password: password.value } : body);
    await client.invalidateQueries({ queryKey: usersKey });
    done(`${draft.email} has an account`);
    onClose();
  }
  return (
    <DialogForm verb="Create" send={create} onClose={onClose} disabled={password.weakness !== undefined}>
      <TextInput
        label="E-mail"
        type="email"
        required
        value={draft.email}
        onChange={(event) => set({ email: event.currentTarget.value })}
        data-autofocus
      />
      <TextInput
        label="First name"
        value={draft.firstName}
        onChange={(event) => set({ firstName: event.currentTarget.value })}
      />
      <TextInput
        label="Last name"
        value={draft.lastName}
        onChange={(event) => set({ lastName: event.currentTarget.value })}
      />
      <NewPassword
        state={password}
        label="Password"
        description="Empty for one who signs in another way."
        required={false}
      />
      <ManyPicker
        label="May enter"
        queryKey={["instance", "tenants"]}
        find={findTenants}
        value={tenants}
        onChange={setTenants}
      />
    </DialogForm>
  );
}
