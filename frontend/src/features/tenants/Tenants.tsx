/** The tenants of an instance, for superadmins. */
import { ActionIcon, Button, Modal, TextInput, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBuildings, IconPlus, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { to } from "@/addresses";
import type { Tenant } from "@/api/types";
import { HistorySection } from "@/features/audit/History";
import { meQuery } from "@/features/session/queries";
import { confirm } from "@/kit/confirm";
import type { Column } from "@/kit/DataTable";
import { DialogForm } from "@/kit/DialogForm";
import { done } from "@/kit/notify";
import { Records } from "@/kit/Records";
import { createTenant, deleteTenant, fetchTenants, tenantsKey } from "./queries";

export function Tenants() {
  const client = useQueryClient();
  const [creating, dialog] = useDisclosure();
  const refresh = () =>
    Promise.all([tenantsKey, meQuery.queryKey].map((queryKey) => client.invalidateQueries({ queryKey })));
  return (
    <>
      <Records
        label="Tenants"
        queryKey={tenantsKey}
        fetchPage={fetchTenants}
        columns={columns(refresh)}
        keyOf={({ id }) => id}
        nameOf={({ name }) => name}
        icon={IconBuildings}
        hint="A tenant has its own flows, people, secrets and audit log."
        actions={
          <Button leftSection={<IconPlus size={14} />} onClick={dialog.open}>
            New tenant
          </Button>
        }
      />
      <HistorySection resource="TENANT" ofInstance />
      <Modal opened={creating} onClose={dialog.close} title="New tenant">
        <NewTenant refresh={refresh} onClose={dialog.close} />
      </Modal>
    </>
  );
}

function columns(refresh: () => Promise<unknown>): Column<Tenant>[] {
  return [
    {
      id: "name",
      header: "Tenant",
      width: "minmax(150px, 3fr)",
      cell: ({ id, name }) => (
        <Link to={to.access(id, "members")} className="link" style={{ fontWeight: 500 }}>
          {name}
        </Link>
      ),
    },
    {
      id: "id",
      header: "Id",
      width: "minmax(100px, 2fr)",
      cell: ({ id }) => <span className="mono">{id}</span>,
    },
    {
      id: "actions",
      header: "",
      width: "52px",
      align: "end",
      cell: (tenant) => (
        <Tooltip label="Delete">
          <ActionIcon aria-label={`Delete ${tenant.name}`} onClick={() => ask(tenant, refresh)}>
            <IconTrash size={15} />
          </ActionIcon>
        </Tooltip>
      ),
    },
  ];
}

function ask({ id, name }: Tenant, refresh: () => Promise<unknown>): void {
  confirm({
    title: "Delete tenant",
    name: id,
    text: `${name} with its flows, executions, files and secrets. This cannot be undone; its audit log stays.`,
    verb: "Delete",
    typed: true,
    run: async () => {
      await deleteTenant(id);
      await refresh();
      done(`Tenant ${name} deleted`);
    },
  });
}

function NewTenant({ refresh, onClose }: { refresh: () => Promise<unknown>; onClose: () => void }) {
  const [id, setId] = useState("");
  const [name, setName] = useState("");
  async function create() {
    const tenant = await createTenant(id, name || id);
    await refresh();
    done(`Tenant ${tenant.name} is there; invite its people next`);
    onClose();
  }
  return (
    <DialogForm verb="Create" send={create} onClose={onClose}>
      <TextInput
        label="Name"
        placeholder="Staging"
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <TextInput
        label="Id"
        description="Part of every address; it cannot be changed."
        placeholder="stage"
        required
        pattern="[a-z0-9][a-z0-9_\-]*"
        title="Small letters, digits, hyphens"
        value={id}
        onChange={(event) => setId(event.currentTarget.value)}
      />
    </DialogForm>
  );
}
