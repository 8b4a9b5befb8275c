/** One provider: what to tell it, whether it works, and what its rules give. */
import { Button, Group, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPencil, IconPlayerPlay, IconPower, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import type { IdentityProvider } from "@/api/types";
import { CopyText } from "@/kit/CopyText";
import { confirm } from "@/kit/confirm";
import { Facts, Section } from "@/kit/Facts";
import { done, failed } from "@/kit/notify";
import { DirectoryCheck } from "./DirectoryCheck";
import { ProviderForm } from "./ProviderForm";
import { deleteProvider, type Owner, providersKey, switchProvider } from "./queries";
import { Simulator } from "./Simulator";
import { Syncs } from "./Syncs";
import { LastTest } from "./Tested";

export function Provider({ owner, provider }: { owner: Owner; provider: IdentityProvider }) {
  return (
    <>
      <Section title={provider.title || provider.name} aside={<Actions owner={owner} provider={provider} />}>
        <Facts
          facts={[
            address("Redirect address", provider.redirectUri),
            address("Sign-out address", provider.postLogoutRedirectUri),
            address("Back-channel logout", provider.backchannelLogoutUri),
            ...(provider.kind === "LDAP" ? directoryFacts(provider) : openIdFacts(provider)),
            { name: "Secret", value: provider.hasSecret ? "Kept encrypted" : "None" },
            { name: "Rules", value: String(provider.rules.length) },
          ]}
        />
      </Section>
      {provider.kind === "LDAP" && <DirectoryCheck owner={owner} id={provider.id} />}
      <LastTest owner={owner} id={provider.id} />
      {provider.kind === "LDAP" && <Syncs owner={owner} id={provider.id} />}
      <Simulator owner={owner} id={provider.id} />
    </>
  );
}

function openIdFacts({ settings }: IdentityProvider) {
  return [
    { name: "Issuer", value: String(settings.issuer ?? "–") },
    { name: "Client id", value: String(settings.clientId ?? "–") },
  ];
}

function directoryFacts({ settings }: IdentityProvider) {
  const minutes = Number(settings.syncMinutes ?? 0);
  return [
    { name: "Address", value: String(settings.url ?? "–") },
    { name: "People", value: String(settings.userBase ?? "–") },
    { name: "Groups", value: String(settings.groupBase || "as people say by memberOf") },
    { name: "Compared", value: minutes ? `every ${minutes} minutes` : "only who signs in" },
  ];
}

function address(name: string, value: string | undefined) {
  if (!value) return undefined;
  return {
    name,
    value: (
      <>
        <span className="mono">{value}</span> <CopyText value={value} label={`Copy: ${name}`} />
      </>
    ),
  };
}

function Actions({ owner, provider }: { owner: Owner; provider: IdentityProvider }) {
  const client = useQueryClient();
  const { pathname } = useLocation();
  const [editing, dialog] = useDisclosure();
  const refresh = () => client.invalidateQueries({ queryKey: providersKey(owner) });
  const back = `/ui${pathname}?provider=${encodeURIComponent(provider.id)}`;
  const turn = () =>
    switchProvider(owner, provider.id, !provider.enabled)
      .then(refresh)
      .then(() => done(`${provider.title} is ${provider.enabled ? "off" : "on"}`))
      .catch(failed);
  const ask = () =>
    confirm({
      title: "Delete provider",
      name: provider.name,
      text: "Whoever signed in with it is signed out at once and cannot come back by it. Accounts stay.",
      verb: "Delete",
      typed: true,
      run: async () => {
        await deleteProvider(owner, provider.id);
        await refresh();
      },
    });
  return (
    <Group gap="xs">
      {provider.loginUri && (
        <Button
          component="a"
          href={`${provider.loginUri}?test=true&next=${encodeURIComponent(back)}`}
          target="_blank"
          rel="opener"
          leftSection={<IconPlayerPlay size={14} />}
        >
          Test
        </Button>
      )}
      <Button variant="default" leftSection={<IconPencil size={14} />} onClick={dialog.open}>
        Edit
      </Button>
      <Button variant="default" leftSection={<IconPower size={14} />} onClick={turn}>
        {provider.enabled ? "Turn off" : "Turn on"}
      </Button>
      <Button variant="default" leftSection={<IconTrash size={14} />} onClick={ask}>
        Delete
      </Button>
      <Modal opened={editing} onClose={dialog.close} title="Edit provider" size="lg">
        <ProviderForm owner={owner} known={provider} onClose={dialog.close} onSaved={() => done("Saved")} />
      </Modal>
    </Group>
  );
}
