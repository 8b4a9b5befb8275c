/** The service accounts of the instance and of all its tenants, for superadmins. */
import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus, IconRobot } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { to } from "@/addresses";
import type { InstanceAccount } from "@/api/types";
import { findTenants } from "@/features/tenants/queries";
import { NameAndPurpose, type Named } from "@/features/tokens/NameAndPurpose";
import type { Column } from "@/kit/DataTable";
import { DialogForm } from "@/kit/DialogForm";
import { type Choice, ManyPicker } from "@/kit/Picker";
import { Records } from "@/kit/Records";
import { Tag } from "@/kit/Tag";
import { useTenant } from "@/url";
import { createInstanceAccount, fetchInstanceAccounts, instanceAccountsKey } from "./queries";

export function InstanceAccounts() {
  const tenant = useTenant();
  const [creating, dialog] = useDisclosure();
  return (
    <>
      <Records
        label="Service accounts"
        queryKey={instanceAccountsKey}
        fetchPage={fetchInstanceAccounts}
        columns={columns(tenant)}
        keyOf={({ id }) => id}
        nameOf={({ name }) => name}
        rowTo={({ id }) => to.instanceAccount(tenant, id)}
        icon={IconRobot}
        hint="An account of the instance may enter several tenants; each tenant makes others of its own."
        actions={
          <Button leftSection={<IconPlus size={14} />} onClick={dialog.open}>
            New service account
          </Button>
        }
      />
      <Modal opened={creating} onClose={dialog.close} title="New service account of the instance">
        <NewAccount onClose={dialog.close} />
      </Modal>
    </>
  );
}

function columns(tenant: string): Column<InstanceAccount>[] {
  return [
    {
      id: "name",
      header: "Name",
      width: "minmax(150px, 2fr)",
      cell: ({ id, name }) => (
        <Link to={to.instanceAccount(tenant, id)} className="link mono" style={{ fontWeight: 500 }}>
          {name}
        </Link>
      ),
    },
    {
      id: "state",
      header: "",
      width: "190px",
      cell: ({ disabled, superAdmin }) => (
        <>
          {disabled && <Tag tone="bad">Disabled</Tag>}
          {superAdmin && <Tag tone="busy">Superadmin</Tag>}
        </>
      ),
    },
    {
      id: "description",
      header: "What it is for",
      width: "minmax(140px, 3fr)",
      hide: "narrow",
      cell: ({ description }) => <span style={{ color: "var(--mantine-color-dimmed)" }}>{description}</span>,
    },
    {
      id: "tenants",
      header: "Tenants",
      width: "minmax(120px, 2fr)",
      hide: "medium",
      cell: ({ tenants }) => tenants.map(({ name }) => name).join(", "),
    },
  ];
}

function NewAccount({ onClose }: { onClose: () => void }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [named, setNamed] = useState<Named>({ name: "", description: "" });
  const [tenants, setTenants] = useState<Choice[]>([]);
  async function create() {
    const account = await createInstanceAccount({ ...named, tenants: tenants.map(({ value }) => value) });
    await client.invalidateQueries({ queryKey: instanceAccountsKey });
    await navigate({ to: to.instanceAccount(tenant, account.id) });
  }
  return (
    <DialogForm verb="Create" send={create} onClose={onClose}>
      <NameAndPurpose value={named} placeholder="monitoring" onChange={setNamed} />
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
