/** One service account: its tokens, its roles and groups. */

import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPencil, IconPower, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { to } from "@/addresses";
import type { ServiceAccount } from "@/api/types";
import { HistorySection } from "@/features/audit/History";
import { TokenList } from "@/features/tokens/TokenList";
import { confirm } from "@/kit/confirm";
import { Section } from "@/kit/Facts";
import { Failure, RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { Page } from "@/kit/Page";
import { Tag } from "@/kit/Tag";
import { useParam, useTenant } from "@/url";
import { Allowed, useLack } from "../Allowed";
import { Held } from "../bindings/Holders";
import classes from "../groups/GroupPage.module.css";
import { AccountForm } from "./AccountForm";
import {
  accountQuery,
  accountsKey,
  createToken,
  deleteAccount,
  fetchAccounts,
  revokeToken,
  rotateToken,
  setDisabled,
  tokensQuery,
  updateAccount,
} from "./queries";

export function AccountPage() {
  const tenant = useTenant();
  const id = useParam("accountId");
  const query = useQuery(accountQuery(tenant, id));
  const lack = useLack("SERVICE_ACCOUNT.UPDATE");
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  if (!query.data) return <RowsLoading rows={8} />;
  const account = query.data;
  return (
    <Page
      name={account.name}
      title={<span className="mono">{account.name}</span>}
      badge={account.disabled && <Tag tone="bad">Disabled</Tag>}
      aside={account.description}
      actions={<Actions account={account} />}
    >
      <div className={classes.page}>
        <TokenList
          query={tokensQuery(tenant, id)}
          create={(draft) => createToken(tenant, id, draft)}
          rotate={(tokenId, overlap) => rotateToken(tenant, id, tokenId, overlap)}
          withNetworks
          revoke={(tokenId) => revokeToken(tenant, id, tokenId)}
          hint="A program sends a token of this account as Authorization: Bearer …"
          refusal={lack}
        />
        <Section title="Roles given directly">
          <Held kind="account" choice={{ value: id, label: account.name }} />
        </Section>
        <HistorySection resource="SERVICE_ACCOUNT" id={id} />
      </div>
    </Page>
  );
}

function Actions({ account }: { account: ServiceAccount }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [editing, dialog] = useDisclosure();
  // The list knows the names of the groups, the account itself only their ids.
  const row = useQuery({
    queryKey: [...accountsKey(tenant), "row", account.id],
    queryFn: () => fetchAccounts(tenant, account.name, 1),
    select: ({ results }) => results.find(({ id }) => id === account.id),
  });
  const ask = () =>
    confirm({
      title: "Delete service account",
      name: account.name,
      text: "Its tokens are refused from the next request on. This cannot be undone.",
      verb: "Delete",
      typed: true,
      run: async () => {
        await deleteAccount(tenant, account.id);
        await navigate({ to: to.access(tenant, "accounts") });
        await client.invalidateQueries({ queryKey: accountsKey(tenant) });
        done(`Service account ${account.name} deleted`);
      },
    });
  const askDisabled = () =>
    confirm({
      title: account.disabled ? "Enable service account" : "Disable service account",
      name: account.name,
      text: account.disabled
        ? "Its tokens work again."
        : "Its tokens are refused from the next request on, and what it has open ends.",
      verb: account.disabled ? "Enable" : "Disable",
      run: async () => {
        await setDisabled(tenant, account.id, !account.disabled);
        await client.invalidateQueries({ queryKey: accountsKey(tenant) });
      },
    });
  return (
    <>
      <Allowed right="SERVICE_ACCOUNT.UPDATE">
        <Button variant="default" leftSection={<IconPower size={14} />} onClick={askDisabled}>
          {account.disabled ? "Enable" : "Disable"}
        </Button>
      </Allowed>
      <Allowed right="SERVICE_ACCOUNT.UPDATE">
        <Button
          variant="default"
          leftSection={<IconPencil size={14} />}
          onClick={dialog.open}
          disabled={!row.data}
        >
          Change
        </Button>
      </Allowed>
      <Allowed right="SERVICE_ACCOUNT.DELETE">
        <Button variant="default" leftSection={<IconTrash size={14} />} onClick={ask}>
          Delete
        </Button>
      </Allowed>
      <Modal opened={editing} onClose={dialog.close} title="Change service account">
        <AccountForm
          verb="Save"
          known={{
            name: account.name,
            description: account.description ?? "",
            groups: (row.data?.groups ?? []).map(({ id, name }) => ({ value: id, label: name })),
          }}
          save={(draft) => updateAccount(tenant, account.id, draft)}
          onClose={dialog.close}
        />
      </Modal>
    </>
  );
}
