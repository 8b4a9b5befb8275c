/** One account, and what a superadmin may do with it. */

import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconKey,
  IconLockOpen,
  IconLogout,
  IconShieldCheck,
  IconShieldOff,
  IconTrash,
  IconUserShare,
} from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { to } from "@/addresses";
import type { Account } from "@/api/types";
import { HistorySection } from "@/features/audit/History";
import { NewPassword, useNewPassword } from "@/features/session/NewPassword";
import { confirm } from "@/kit/confirm";
import { DialogForm } from "@/kit/DialogForm";
import { Facts, Section } from "@/kit/Facts";
import { Failure, RowsLoading } from "@/kit/Notices";
import { done, failed } from "@/kit/notify";
import { Page } from "@/kit/Page";
import { Tag } from "@/kit/Tag";
import { useParam, useTenant } from "@/url";
import {
  deleteUser,
  endSessions,
  impersonate,
  setPassword,
  setRestricted,
  setSuperadmin,
  unlock,
  userQuery,
  usersKey,
} from "./queries";
import classes from "./UserPage.module.css";

export function UserPage() {
  const id = useParam("userId");
  const query = useQuery(userQuery(id));
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  if (!query.data) return <RowsLoading rows={8} />;
  const user = query.data;
  return (
    <Page
      name={user.displayName || user.username}
      title={user.displayName || user.username}
      badge={user.superAdmin && <Tag tone="busy">Superadmin</Tag>}
      aside={user.email}
      actions={<Impersonate user={user} />}
    >
      <div className={classes.page}>
        <Section title="Account">
          <Facts
            facts={[
              { name: "Name", value: [user.firstName, user.lastName].filter(Boolean).join(" ") || "–" },
              { name: "Signs in by", value: user.auths.map(({ type }) => type).join(", ") || "nothing" },
              { name: "May enter", value: user.tenants.map(({ name }) => name).join(", ") || "no tenant" },
              user.locked && { name: "Locked", value: "After too many wrong passwords" },
              { name: "Restricted", value: user.restricted ? "Yes, may change nothing of itself" : "No" },
            ]}
          />
        </Section>
        <Section title="Actions">
          <Acts user={user} />
        </Section>
        <HistorySection resource="USER" id={user.id} ofInstance />
      </div>
    </Page>
  );
}

function Impersonate({ user }: { user: Account }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const ask = () =>
    confirm({
      title: "Act as somebody else",
      name: user.username,
      text: "You see and may do what they do, under a banner; every record names you both.",
      verb: "Act as them",
      run: async () => {
        await impersonate(user.id);
        client.clear();
        await navigate({ to: "/" });
      },
    });
  return (
    <Button variant="default" leftSection={<IconUserShare size={14} />} onClick={ask}>
      Act as {user.firstName || user.username}
    </Button>
  );
}

function Acts({ user }: { user: Account }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [changing, dialog] = useDisclosure();
  const refresh = () => client.invalidateQueries({ queryKey: usersKey });
  const askSuperadmin = () =>
    confirm({
      title: user.superAdmin ? "Take superadmin away" : "Make superadmin",
      name: user.username,
      text: user.superAdmin
        ? "They govern the instance no more, from the next request on."
        : "They govern the whole instance: tenants, accounts, workers. Flow data needs a role all the same.",
      verb: user.superAdmin ? "Take away" : "Make superadmin",
      typed: true,
      run: () => setSuperadmin(user.id, !user.superAdmin).then(refresh),
    });
  const askSessions = () =>
    confirm({
      title: "End all sessions",
      name: user.username,
      text: "They have to sign in again everywhere.",
      verb: "End sessions",
      run: () => endSessions(user.id).then(() => done("Sessions ended")),
    });
  const askRemove = () =>
    confirm({
      title: "Delete user",
      name: user.username,
      text: "With all roles, groups and tokens, in every tenant. What they did stays in the audit log.",
      verb: "Delete",
      typed: true,
      run: async () => {
        await deleteUser(user.id);
        await navigate({ to: to.instance(tenant, "users") });
        await refresh();
        done(`${user.username} deleted`);
      },
    });
  const Shield = user.superAdmin ? IconShieldOff : IconShieldCheck;
  return (
    <div className={classes.acts}>
      <Button variant="default" leftSection={<IconKey size={14} />} onClick={dialog.open}>
        Set a password
      </Button>
      {user.locked && (
        <Button
          leftSection={<IconLockOpen size={14} />}
          onClick={() =>
            unlock(user.id)
              .then(refresh)
              .then(() => done(`${user.username} may try again`))
              .catch(failed)
          }
        >
          Unlock
        </Button>
      )}
      <Button variant="default" leftSection={<IconLogout size={14} />} onClick={askSessions}>
        End all sessions
      </Button>
      <Button variant="default" leftSection={<Shield size={14} />} onClick={askSuperadmin}>
        {user.superAdmin ? "Take superadmin away" : "Make superadmin"}
      </Button>
      <Button
        variant="default"
        onClick={() => setRestricted(user.id, !user.restricted).then(refresh).catch(failed)}
      >
        {user.restricted ? "Lift the restriction" : "Restrict"}
      </Button>
      <Button variant="light" color="red" leftSection={<IconTrash size={14} />} onClick={askRemove}>
        Delete
      </Button>
      <Modal opened={changing} onClose={dialog.close} title={`Set a password for ${user.username}`}>
        <Password user={user} onClose={dialog.close} />
      </Modal>
    </div>
  );
}

function Password({ user, onClose }: { user: Account; onClose: () => void }) {
  const password = useNewPassword();
  async function save() {
    await setPassword(user.id, password.value);
    done("The password is set; all sessions have ended");
    onClose();
  }
  return (
    <DialogForm verb="Set" send={save} onClose={onClose} disabled={password.weakness !== undefined}>
      <NewPassword state={password} data-autofocus />
    </DialogForm>
  );
}
