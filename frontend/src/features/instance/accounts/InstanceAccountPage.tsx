/** One service account as whoever governs the instance sees it: its tokens, its tenants, and what may be done with it. */
import { Button } from "@mantine/core";
import { IconPower, IconShieldCheck, IconShieldOff, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { to } from "@/addresses";
import type { InstanceAccount } from "@/api/types";
import classes from "@/features/access/groups/GroupPage.module.css";
import { TokenList } from "@/features/tokens/TokenList";
import { confirm } from "@/kit/confirm";
import { Facts, Section } from "@/kit/Facts";
import { Failure, RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { Page } from "@/kit/Page";
import { Tag } from "@/kit/Tag";
import { useParam, useTenant } from "@/url";
import {
  createInstanceToken,
  deleteInstanceAccount,
  instanceAccountQuery,
  instanceAccountsKey,
  instanceTokensQuery,
  revokeInstanceToken,
  rotateInstanceToken,
  setAccountDisabled,
  setAccountSuperadmin,
} from "./queries";

export function InstanceAccountPage() {
  const id = useParam("accountId");
  const query = useQuery(instanceAccountQuery(id));
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  if (!query.data) return <RowsLoading rows={8} />;
  const account = query.data;
  return (
    <Page
      name={account.name}
      title={<span className="mono">{account.name}</span>}
      badge={
        <>
          {account.disabled && <Tag tone="bad">Disabled</Tag>}
          {account.superAdmin && <Tag tone="busy">Superadmin</Tag>}
        </>
      }
      aside={account.description}
      actions={<Actions account={account} />}
    >
      <div className={classes.page}>
        <Section title="Account">
          <Facts
            facts={[
              {
                name: "May enter",
                value: account.tenants.map(({ name }) => name).join(", ") || "no tenant",
              },
            ]}
          />
        </Section>
        <TokenList
          query={instanceTokensQuery(id)}
          create={(draft) => createInstanceToken(id, draft)}
          rotate={(tokenId, overlap) => rotateInstanceToken(id, tokenId, overlap)}
          withNetworks
          revoke={(tokenId) => revokeInstanceToken(id, tokenId)}
          hint="A program sends a token of this account as Authorization: Bearer …"
          everywhere
        />
      </div>
    </Page>
  );
}

function Actions({ account }: { account: InstanceAccount }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const navigate = useNavigate();
  const refresh = () => client.invalidateQueries({ queryKey: instanceAccountsKey });
  const askDisabled = () =>
    confirm({
      title: account.disabled ? "Enable service account" : "Disable service account",
      name: account.name,
      text: account.disabled
        ? "Its tokens work again."
        : "Its tokens are refused from the next request on, and what it has open ends.",
      verb: account.disabled ? "Enable" : "Disable",
      run: () => setAccountDisabled(account.id, !account.disabled).then(refresh),
    });
  const askSuperadmin = () =>
    confirm({
      title: account.superAdmin ? "Take superadmin away" : "Make superadmin",
      name: account.name,
      text: account.superAdmin
        ? "It governs the instance no more, from the next request on."
        : "It governs the whole instance. Flow data needs a role all the same.",
      verb: account.superAdmin ? "Take away" : "Make superadmin",
      typed: true,
      run: () => setAccountSuperadmin(account.id, !account.superAdmin).then(refresh),
    });
  const askRemove = () =>
    confirm({
      title: "Delete service account",
      name: account.name,
      text: "Its tokens are refused from the next request on. This cannot be undone.",
      verb: "Delete",
      typed: true,
      run: async () => {
        await deleteInstanceAccount(account.id);
        await navigate({ to: to.instance(tenant, "accounts") });
        await refresh();
        done(`Service account ${account.name} deleted`);
      },
    });
  const Shield = account.superAdmin ? IconShieldOff : IconShieldCheck;
  return (
    <>
      <Button variant="default" leftSection={<IconPower size={14} />} onClick={askDisabled}>
        {account.disabled ? "Enable" : "Disable"}
      </Button>
      <Button variant="default" leftSection={<Shield size={14} />} onClick={askSuperadmin}>
        {account.superAdmin ? "Take superadmin away" : "Make superadmin"}
      </Button>
      <Button variant="default" leftSection={<IconTrash size={14} />} onClick={askRemove}>
        Delete
      </Button>
    </>
  );
}
