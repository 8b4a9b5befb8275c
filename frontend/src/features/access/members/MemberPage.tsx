/** One person in a tenant: by which groups and roles they may do what. */

import { Button } from "@mantine/core";
import { IconDoorExit } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { to } from "@/addresses";
import type { TenantAccess } from "@/api/types";
import { HistorySection } from "@/features/audit/History";
import { confirm } from "@/kit/confirm";
import { type Column, DataTable } from "@/kit/DataTable";
import { Section } from "@/kit/Facts";
import { Failure, RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { Page } from "@/kit/Page";
import { Tag } from "@/kit/Tag";
import { useParam, useTenant } from "@/url";
import { Allowed } from "../Allowed";
import { Held } from "../bindings/Holders";
import { nameOf } from "../finding";
import classes from "../groups/GroupPage.module.css";
import { memberQuery, membersKey, shutOut } from "./queries";

export function MemberPage() {
  const tenant = useTenant();
  const userId = useParam("userId");
  const query = useQuery(memberQuery(tenant, userId));
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  if (!query.data) return <RowsLoading rows={8} />;
  const member = query.data;
  const name = nameOf(member.displayName, member.username);
  return (
    <Page
      name={name}
      title={member.displayName || member.username}
      badge={member.superAdmin && <Tag tone="busy">Superadmin</Tag>}
      aside={member.username}
      actions={<ShutOut member={member} />}
    >
      <div className={classes.page}>
        <Section title="What applies">
          <Applying member={member} />
        </Section>
        <Section title="Roles given directly">
          <Held kind="person" choice={{ value: userId, label: name }} />
        </Section>
        <Section title="Groups">
          {member.groups.length === 0 && "In no group."}
          {member.groups.map(({ id, name: group }) => (
            <Link key={id} to={to.group(tenant, id)} className="link" style={{ marginRight: 12 }}>
              {group}
            </Link>
          ))}
        </Section>
        <HistorySection resource="TENANT_ACCESS" id={userId} />
      </div>
    </Page>
  );
}

type Assigned = TenantAccess["roles"][number];

function Applying({ member }: { member: TenantAccess }) {
  const tenant = useTenant();
  if (member.roles.length === 0) return <>No role: nothing in this tenant is shown to them.</>;
  return (
    <DataTable
      label="Roles that apply"
      columns={columns(tenant, member)}
      rows={member.roles}
      rowKey={(role) => `${role.sourceId} ${role.id} ${role.namespace ?? ""}`}
      rowName={({ name }) => name}
    />
  );
}

function columns(tenant: string, member: TenantAccess): Column<Assigned>[] {
  return [
    {
      id: "role",
      header: "Role",
      width: "minmax(120px, 2fr)",
      cell: ({ id, name }) => (
        <Link to={to.role(tenant, id)} className="link">
          {name}
        </Link>
      ),
    },
    {
      id: "where",
      header: "Where",
      width: "minmax(120px, 2fr)",
      cell: ({ namespace }) =>
        namespace ? (
          <>
            <span className="mono">{namespace}</span> and below
          </>
        ) : (
          "Whole tenant"
        ),
    },
    {
      id: "by",
      header: "By",
      width: "minmax(120px, 2fr)",
      cell: ({ origin, sourceId }) => {
        if (origin !== "GROUP") return "Given directly";
        const group = member.groups.find(({ id }) => id === sourceId);
        return (
          <Link to={to.group(tenant, sourceId)} className="link">
            Group {group?.name ?? ""}
          </Link>
        );
      },
    },
  ];
}

function ShutOut({ member }: { member: TenantAccess }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const navigate = useNavigate();
  const ask = () =>
    confirm({
      title: "Shut out of the tenant",
      name: member.username,
      text: "They leave its groups and lose their roles here, from the next request on. The account stays.",
      verb: "Shut out",
      typed: true,
      run: async () => {
        await shutOut(tenant, member.userId);
        await navigate({ to: to.access(tenant, "members") });
        await client.invalidateQueries({ queryKey: membersKey(tenant) });
        done(`${member.username} is out`);
      },
    });
  return (
    <Allowed right="TENANT_ACCESS.DELETE">
      <Button variant="default" leftSection={<IconDoorExit size={14} />} onClick={ask}>
        Shut out
      </Button>
    </Allowed>
  );
}
