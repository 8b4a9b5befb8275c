/** The directories that people sign in with: connected, tried, and their rules understood. */
import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Section } from "@/kit/Facts";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { useTenant, useUrlState } from "@/url";
import classes from "./Authentication.module.css";
import { Provider } from "./Provider";
import { ProviderForm } from "./ProviderForm";
import { type Owner, providersQuery } from "./queries";

export function InstanceAuthentication() {
  return <Authentication owner={undefined} />;
}

export function TenantAuthentication() {
  return <Authentication owner={useTenant()} />;
}

function Authentication({ owner }: { owner: Owner }) {
  const query = useQuery(providersQuery(owner));
  const [search, setSearch] = useUrlState();
  const [connecting, dialog] = useDisclosure();
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  if (!query.data) return <RowsLoading rows={4} />;
  const connect = (
    <Button leftSection={<IconPlus size={14} />} onClick={dialog.open}>
      Connect a provider
    </Button>
  );
  const shown = query.data.find(({ id }) => id === search.provider) ?? query.data[0];
  return (
    <div className={classes.page}>
      {query.data.length === 0 && (
        <Empty icon={IconKey} title="Nobody signs in by a provider yet" actions={connect}>
          Connect Keycloak, Okta, Entra, Google, authentik, Auth0 or any other OpenID provider by its issuer,
          or a directory by LDAP, and try it before anybody is affected.
        </Empty>
      )}
      {query.data.length > 0 && (
        <Section title="Identity providers" aside={connect}>
          {query.data.map(({ id, title, name, enabled }) => (
            <Button
              key={id}
              variant={id === shown?.id ? "light" : "subtle"}
              onClick={() => setSearch({ provider: id })}
            >
              {title || name}
              {!enabled && " (off)"}
            </Button>
          ))}
        </Section>
      )}
      {shown && <Provider key={shown.id} owner={owner} provider={shown} />}
      <Modal opened={connecting} onClose={dialog.close} title="Connect a provider" size="lg">
        <ProviderForm
          owner={owner}
          onClose={dialog.close}
          onSaved={({ id }) => setSearch({ provider: id })}
        />
      </Modal>
    </div>
  );
}
