/** The accounts of programs: a pipeline, a script, another system. */

import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus, IconRobot } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { to } from "@/addresses";
import type { AccountRow } from "@/api/types";
import type { Column } from "@/kit/DataTable";
import { Records } from "@/kit/Records";
import { Tag } from "@/kit/Tag";
import { useTenant } from "@/url";
import { Allowed } from "../Allowed";
import { AccountForm } from "./AccountForm";
import { accountsKey, createAccount, fetchAccounts } from "./queries";

export function Accounts() {
  const tenant = useTenant();
  const navigate = useNavigate();
  const [creating, dialog] = useDisclosure();
  return (
    <>
      <Records
        label="Service accounts"
        queryKey={accountsKey(tenant)}
        fetchPage={(q, page) => fetchAccounts(tenant, q, page)}
        columns={columns(tenant)}
        keyOf={({ id }) => id}
        nameOf={({ username }) => username}
        rowTo={({ id }) => to.serviceAccount(tenant, id)}
        icon={IconRobot}
        hint="A program signs in with a token of its service account, which has roles and groups as a person has."
        actions={
          <Allowed right="SERVICE_ACCOUNT.CREATE">
            <Button leftSection={<IconPlus size={14} />} onClick={dialog.open}>
              New service account
            </Button>
          </Allowed>
        }
      />
      <Modal opened={creating} onClose={dialog.close} title="New service account">
        <AccountForm
          verb="Create"
          onClose={dialog.close}
          save={async (draft) => {
            const account = await createAccount(tenant, draft);
            await navigate({ to: to.serviceAccount(tenant, account.id) });
          }}
        />
      </Modal>
    </>
  );
}

function columns(tenant: string): Column<AccountRow>[] {
  return [
    {
      id: "name",
      header: "Name",
      width: "minmax(150px, 2fr)",
      cell: ({ id, username }) => (
        <Link to={to.serviceAccount(tenant, id)} className="link mono" style={{ fontWeight: 500 }}>
          {username}
        </Link>
      ),
    },
    {
      id: "state",
      header: "",
      width: "96px",
      cell: ({ disabled }) => disabled && <Tag tone="bad">Disabled</Tag>,
    },
    {
      id: "description",
      header: "What it is for",
      width: "minmax(140px, 3fr)",
      hide: "narrow",
      cell: ({ description }) => <span style={{ color: "var(--mantine-color-dimmed)" }}>{description}</span>,
    },
    {
      id: "groups",
      header: "Groups",
      width: "minmax(120px, 2fr)",
      cell: ({ groups }) =>
        groups.map(({ id, name }) => (
          <Tag key={id} tone="calm">
            {name}
          </Tag>
        )),
    },
  ];
}
