/** How a binding reads: who has which role, where. */
import { ActionIcon } from "@mantine/core";
import { IconTrash, IconUser, IconUsersGroup } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { to } from "@/addresses";
import type { Binding } from "@/api/types";
import { confirm } from "@/kit/confirm";
import type { Column } from "@/kit/DataTable";
import { done } from "@/kit/notify";
import { Allowed } from "../Allowed";
import { nameOf } from "../finding";
import { deleteBinding } from "./queries";

export function holderName({ user, group }: Binding): string {
  if (group) return group.name;
  return user ? nameOf(user.displayName, user.username) : "";
}

export function holderColumn(tenant: string): Column<Binding> {
  return {
    id: "holder",
    header: "Who",
    width: "minmax(180px, 3fr)",
    cell: (binding) => {
      const { group, user } = binding;
      const Icon = group ? IconUsersGroup : IconUser;
      const address = group ? to.group(tenant, group.id) : to.member(tenant, user?.id ?? "");
      return (
        <span style={{ display: "inline-flex", alignItems: "center", gap: 6 }}>
          <Icon size={15} stroke={1.7} aria-label={group ? "Group" : "Person or service account"} />
          <Link to={address} className="link" style={{ fontWeight: 500 }}>
            {holderName(binding)}
          </Link>
        </span>
      );
    },
  };
}

export function roleColumn(tenant: string): Column<Binding> {
  return {
    id: "role",
    header: "Role",
    width: "minmax(120px, 2fr)",
    cell: ({ role }) => (
      <Link to={to.role(tenant, role.id)} className="link">
        {role.name}
      </Link>
    ),
  };
}

export const NAMESPACE: Column<Binding> = {
  id: "namespace",
  header: "Where",
  width: "minmax(120px, 2fr)",
  cell: ({ namespace }) =>
    namespace ? (
      <span title={`${namespace} and below`}>
        <span className="mono">{namespace}</span> and below
      </span>
    ) : (
      "Whole tenant"
    ),
};

export function takeAwayColumn(tenant: string, onGone: () => Promise<unknown>): Column<Binding> {
  return {
    id: "actions",
    header: "",
    width: "52px",
    align: "end",
    cell: (binding) => (
      <Allowed right="BINDING.DELETE">
        <ActionIcon
          title="Take it away"
          aria-label={`Take ${binding.role.name} from ${holderName(binding)}`}
          onClick={() => ask(tenant, binding, onGone)}
        >
          <IconTrash size={15} />
        </ActionIcon>
      </Allowed>
    ),
  };
}

function ask(tenant: string, binding: Binding, onGone: () => Promise<unknown>): void {
  confirm({
    title: "Take a role away",
    name: `${binding.role.name} from ${holderName(binding)}`,
    text: `${binding.namespace ? `In ${binding.namespace} and below` : "In the whole tenant"}, from the next request on.`,
    verb: "Take away",
    run: async () => {
      await deleteBinding(tenant, binding.id);
      await onGone();
      done("Taken away");
    },
  });
}
