/** One group: who is in it, who owns it, and the roles that it gives. */
import { ActionIcon, Button, Modal, Select } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPencil, IconTrash, IconUserMinus, IconUserPlus, IconUsersGroup } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { to } from "@/addresses";
import { isStatus } from "@/api/errors";
import type { GroupMember, GroupSummary } from "@/api/types";
import { HistorySection } from "@/features/audit/History";
import { confirm } from "@/kit/confirm";
import type { Column } from "@/kit/DataTable";
import { DialogForm } from "@/kit/DialogForm";
import { Section } from "@/kit/Facts";
import { Failure, RowsLoading } from "@/kit/Notices";
import { done, failed } from "@/kit/notify";
import { Page } from "@/kit/Page";
import { type Choice, ManyPicker } from "@/kit/Picker";
import { Records } from "@/kit/Records";
import { Refused } from "@/kit/Refused";
import { Tag } from "@/kit/Tag";
import { useParam, useTenant } from "@/url";
import { Allowed, useLack } from "../Allowed";
import { Held } from "../bindings/Holders";
import { findMembers, nameOf } from "../finding";
import { GroupForm } from "./GroupForm";
import classes from "./GroupPage.module.css";
import {
  addMember,
  deleteGroup,
  fetchGroupMembers,
  groupQuery,
  groupsKey,
  type Membership,
  removeMember,
  setMembership,
  updateGroup,
} from "./queries";

export function GroupPage() {
  const tenant = useTenant();
  const id = useParam("groupId");
  const query = useQuery(groupQuery(tenant, id));
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  if (!query.data) return <RowsLoading rows={8} />;
  const group = query.data;
  return (
    <Page
      name={group.name}
      title={group.name}
      badge={group.managedBy && <Tag>From the directory</Tag>}
      aside={group.description}
      actions={<Actions group={group} />}
    >
      <div className={classes.page}>
        <Section title="Members">
          <Members group={group} />
        </Section>
        <Section title="Roles that it gives">
          <Held kind="group" choice={{ value: group.id, label: group.name }} />
        </Section>
        <HistorySection resource="GROUP" id={group.id} />
      </div>
    </Page>
  );
}

function Actions({ group }: { group: GroupSummary }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [editing, dialog] = useDisclosure();
  const ask = () =>
    confirm({
      title: "Delete group",
      name: group.name,
      text: "Its members lose at once what they have by it alone.",
      verb: "Delete",
      typed: true,
      run: async () => {
        await deleteGroup(tenant, group.id);
        await navigate({ to: to.access(tenant, "groups") });
        await client.invalidateQueries({ queryKey: groupsKey(tenant) });
        done(`Group ${group.name} deleted`);
      },
    });
  return (
    <>
      <Allowed right="GROUP.UPDATE">
        <Button variant="default" leftSection={<IconPencil size={14} />} onClick={dialog.open}>
          Rename
        </Button>
      </Allowed>
      {!group.managedBy && (
        <Allowed right="GROUP.DELETE">
          <Button variant="default" leftSection={<IconTrash size={14} />} onClick={ask}>
            Delete
          </Button>
        </Allowed>
      )}
      <Modal opened={editing} onClose={dialog.close} title="Rename group">
        <GroupForm
          verb="Save"
          known={group}
          save={(draft) => updateGroup(tenant, group.id, draft)}
          onClose={dialog.close}
        />
      </Modal>
    </>
  );
}

function Members({ group }: { group: GroupSummary }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const [adding, dialog] = useDisclosure();
  const key = [...groupsKey(tenant), group.id, "members"];
  const refresh = () => client.invalidateQueries({ queryKey: [tenant, "access"] });
  return (
    <div className={classes.members}>
      <Records
        label="Members"
        queryKey={key}
        fetchPage={(q, page) => fetchGroupMembers(tenant, group.id, q, page)}
        columns={columns(tenant, group, refresh)}
        keyOf={({ id }) => id}
        nameOf={({ username }) => username}
        icon={IconUsersGroup}
        hint="Add people of this tenant, or invite others into the group."
        actions={
          group.managedBy ? (
            <Link to={to.integration(tenant, group.managedBy)} className="link">
              Members come from the directory
            </Link>
          ) : (
            <Allowed right="GROUP.MANAGE_MEMBERS" group={group.id}>
              <Button leftSection={<IconUserPlus size={14} />} onClick={dialog.open}>
                Add members
              </Button>
            </Allowed>
          )
        }
      />
      <Modal opened={adding} onClose={dialog.close} title={`Add members to ${group.name}`}>
        <AddMembers group={group} refresh={refresh} onClose={dialog.close} />
      </Modal>
    </div>
  );
}

function columns(
  tenant: string,
  group: GroupSummary,
  refresh: () => Promise<unknown>,
): Column<GroupMember>[] {
  const own = ({ groups }: GroupMember) => groups.find(({ id }) => id === group.id);
  return [
    {
      id: "name",
      header: "Member",
      width: "minmax(180px, 3fr)",
      cell: ({ displayName, username }) => nameOf(displayName, username),
    },
    {
      id: "membership",
      header: "As",
      width: "170px",
      cell: (member) =>
        own(member)?.managedBy ? (
          <Tag>From the directory</Tag>
        ) : (
          <MembershipOf
            member={member}
            group={group}
            value={own(member)?.membership ?? "MEMBER"}
            refresh={refresh}
          />
        ),
    },
    {
      id: "actions",
      header: "",
      width: "52px",
      align: "end",
      cell: (member) =>
        own(member)?.external || own(member)?.managedBy ? null : (
          <Allowed right="GROUP.MANAGE_MEMBERS" group={group.id}>
            <ActionIcon
              title="Remove from the group"
              aria-label={`Remove ${member.username}`}
              onClick={() => askRemove(tenant, group, member, refresh)}
            >
              <IconUserMinus size={15} />
            </ActionIcon>
          </Allowed>
        ),
    },
  ];
}

interface MembershipOfProps {
  member: GroupMember;
  group: GroupSummary;
  value: Membership;
  refresh: () => Promise<unknown>;
}

function MembershipOf({ member, group, value, refresh }: MembershipOfProps) {
  const tenant = useTenant();
  const lack = useLack("GROUP.MANAGE_MEMBERS", group.id);
  const choose = (next: Membership) =>
    setMembership(tenant, group.id, member.id, next)
      .then(refresh)
      .then(() => done(`${member.username} is ${next === "OWNER" ? "an owner" : "a member"}`))
      .catch(failed);
  return (
    <Refused reason={lack}>
      <Select
        size="xs"
        variant="unstyled"
        aria-label={`Membership of ${member.username}`}
        data={[
          { value: "MEMBER", label: "Member" },
          { value: "OWNER", label: "Owner" },
        ]}
        value={value}
        onChange={(next) => next && choose(next as Membership)}
        allowDeselect={false}
        readOnly={lack !== undefined}
      />
    </Refused>
  );
}

function askRemove(
  tenant: string,
  group: GroupSummary,
  member: GroupMember,
  refresh: () => Promise<unknown>,
): void {
  confirm({
    title: "Remove from the group",
    name: `${member.username} from ${group.name}`,
    text: "What they have by this group alone is gone from the next request on; whoever has nothing else may not enter any more.",
    verb: "Remove",
    run: () => removeMember(tenant, group.id, member.id).then(refresh),
  });
}

interface AddMembersProps {
  group: GroupSummary;
  refresh: () => Promise<unknown>;
  onClose: () => void;
}

function AddMembers({ group, refresh, onClose }: AddMembersProps) {
  const tenant = useTenant();
  const [chosen, setChosen] = useState<Choice[]>([]);
  async function add() {
    for (const { value } of chosen) await addMember(tenant, group.id, value);
    await refresh();
    done(chosen.length === 1 ? "Member added" : `${chosen.length} members added`);
    onClose();
  }
  return (
    <DialogForm verb="Add" send={add} onClose={onClose} disabled={chosen.length === 0}>
      <ManyPicker
        label="People"
        placeholder="Name or e-mail"
        required
        queryKey={[tenant, "access", "person"]}
        find={(text) =>
          findMembers(tenant, text).catch((error) => {
            if (isStatus(error, 403)) return [];
            throw error;
          })
        }
        value={chosen}
        onChange={setChosen}
        data-autofocus
      />
    </DialogForm>
  );
}
