/** The groups of a tenant; those who own one see theirs. */
import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus, IconUsersGroup } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { to } from "@/addresses";
import type { GroupSummary } from "@/api/types";
import type { Column } from "@/kit/DataTable";
import { Records } from "@/kit/Records";
import { Tag } from "@/kit/Tag";
import { useTenant } from "@/url";
import { Allowed } from "../Allowed";
import { GroupForm } from "./GroupForm";
import { createGroup, fetchGroups, groupsKey } from "./queries";

export function Groups() {
  const tenant = useTenant();
  const navigate = useNavigate();
  const [creating, dialog] = useDisclosure();
  return (
    <>
      <Records
        label="Groups"
        queryKey={groupsKey(tenant)}
        fetchPage={(q, page) => fetchGroups(tenant, q, page)}
        columns={columns(tenant)}
        keyOf={({ id }) => id}
        nameOf={({ name }) => name}
        rowTo={({ id }) => to.group(tenant, id)}
        icon={IconUsersGroup}
        hint="A group is given roles, and whoever is in it has them. Its owners add and remove members by themselves."
        actions={
          <Allowed right="GROUP.CREATE">
            <Button leftSection={<IconPlus size={14} />} onClick={dialog.open}>
              New group
            </Button>
          </Allowed>
        }
      />
      <Modal opened={creating} onClose={dialog.close} title="New group">
        <GroupForm
          verb="Create"
          onClose={dialog.close}
          save={async (draft) => {
            const group = await createGroup(tenant, draft);
            await navigate({ to: to.group(tenant, group.id) });
          }}
        />
      </Modal>
    </>
  );
}

function columns(tenant: string): Column<GroupSummary>[] {
  return [
    {
      id: "name",
      header: "Group",
      width: "minmax(160px, 2fr)",
      cell: ({ id, name, managedBy }) => (
        <>
          <Link to={to.group(tenant, id)} className="link" style={{ fontWeight: 500 }}>
            {name}
          </Link>{" "}
          {managedBy && <Tag>From the directory</Tag>}
        </>
      ),
    },
    {
      id: "description",
      header: "What it is for",
      width: "minmax(140px, 3fr)",
      cell: ({ description }) => <span style={{ color: "var(--mantine-color-dimmed)" }}>{description}</span>,
    },
  ];
}
