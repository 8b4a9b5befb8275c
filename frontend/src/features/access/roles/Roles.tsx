/** The roles of a tenant: those that every tenant has and its own. */

import { Button } from "@mantine/core";
import { IconPlus, IconShield } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { to } from "@/addresses";
import type { RoleSummary } from "@/api/types";
import type { Column } from "@/kit/DataTable";
import { Records } from "@/kit/Records";
import { Tag } from "@/kit/Tag";
import { useTenant } from "@/url";
import { Allowed } from "../Allowed";
import { fetchRoles, rolesKey } from "./queries";

export function Roles() {
  const tenant = useTenant();
  return (
    <Records
      label="Roles"
      queryKey={rolesKey(tenant)}
      fetchPage={(q, page) => fetchRoles(tenant, q, page)}
      columns={columns(tenant)}
      keyOf={({ id }) => id}
      nameOf={({ name }) => name}
      rowTo={({ id }) => to.role(tenant, id)}
      icon={IconShield}
      hint="A role is a set of rights. It allows nothing until it is bound to a person, a group or a service account."
      actions={
        <Allowed right="ROLE.CREATE">
          <Button component={Link} to={to.role(tenant, "new")} leftSection={<IconPlus size={14} />}>
            New role
          </Button>
        </Allowed>
      }
    />
  );
}

function columns(tenant: string): Column<RoleSummary>[] {
  return [
    {
      id: "name",
      header: "Role",
      width: "minmax(160px, 3fr)",
      cell: ({ id, name }) => (
        <Link to={to.role(tenant, id)} className="link" style={{ fontWeight: 500 }}>
          {name}
        </Link>
      ),
    },
    {
      id: "kind",
      header: "Kind",
      width: "minmax(120px, 2fr)",
      cell: ({ isManaged, isDefault }) => (
        <>
          {isManaged ? <Tag tone="calm">Same in every tenant</Tag> : "Own"}{" "}
          {isDefault && <Tag tone="busy">Given to new members</Tag>}
        </>
      ),
    },
    {
      id: "rights",
      header: "Rights",
      width: "90px",
      align: "end",
      cell: ({ permissionCount }) => <span className="numbers">{permissionCount}</span>,
    },
  ];
}
