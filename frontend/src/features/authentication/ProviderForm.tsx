/** Connects an identity provider, or changes what is said of one. */
import { PasswordInput, Select, Stack, Switch, TagsInput, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { IdentityProvider } from "@/api/types";
import { DialogForm } from "@/kit/DialogForm";
import { draftOf, freshDraft, withPreset } from "./draft";
import { LdapFields } from "./LdapFields";
import { OpenIdFields } from "./OpenIdFields";
import { PRESETS, presetOf } from "./presets";
import { type Owner, providersKey, saveProvider } from "./queries";
import { Rules } from "./Rules";

interface ProviderFormProps {
  owner: Owner;
  known?: IdentityProvider;
  onClose: () => void;
  onSaved: (provider: IdentityProvider) => void;
}

export function ProviderForm({ owner, known, onClose, onSaved }: ProviderFormProps) {
  const client = useQueryClient();
  const [draft, setDraft] = useState(known ? draftOf(known) : freshDraft("keycloak"));
  const { settings } = draft;
  const preset = presetOf(draft.preset);
  const set = (change: Record<string, unknown>) =>
    setDraft({ ...draft, settings: { ...settings, ...change } });
  const texts = (name: string) => (settings[name] as string[] | undefined) ?? [];

  async function send() {
    const saved = await saveProvider(owner, known?.id, draft);
    await client.invalidateQueries({ queryKey: providersKey(owner) });
    onSaved(saved);
    onClose();
  }

  return (
    <DialogForm verb={known ? "Save" : "Connect"} send={send} onClose={onClose}>
      {!known && (
        <Select
          label="Provider"
          data={Object.entries(PRESETS).map(([value, { label }]) => ({ value, label }))}
          value={draft.preset}
          allowDeselect={false}
          onChange={(name) => name && setDraft(withPreset(draft, name))}
        />
      )}
      <Text size="sm" c="dimmed">
        {preset.steps}
      </Text>
      {!known && (
        <TextInput
          label="Name"
          description="Part of its addresses: lower case letters, digits and hyphens"
          required
          value={draft.name}
          onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })}
        />
      )}
      <TextInput
        label="What its button says"
        value={draft.title}
        onChange={(event) => setDraft({ ...draft, title: event.currentTarget.value })}
      />
      {draft.kind === "LDAP" ? (
        <LdapFields settings={settings} set={set} />
      ) : (
        <OpenIdFields settings={settings} set={set} issuer={preset.issuer} />
      )}
      <PasswordInput
        label={draft.kind === "LDAP" ? "Password of that account" : "Client secret"}
        description={known?.hasSecret ? "Left empty, the one that is there stays" : undefined}
        autoComplete="off"
        value={draft.secret ?? ""}
        onChange={(event) => setDraft({ ...draft, secret: event.currentTarget.value || undefined })}
      />
      <Stack gap="xs">
        <Text size="sm" fw={500}>
          Groups
        </Text>
        <Rules
          owner={owner}
          claim={preset.claim}
          rules={draft.rules}
          onChange={(rules) => setDraft({ ...draft, rules })}
        />
      </Stack>
      {!owner && (
        <TagsInput
          label="Tenants that everybody may enter"
          value={texts("tenants")}
          onChange={(tenants) => set({ tenants })}
        />
      )}
      <TagsInput
        label="E-mail domains that lead here"
        value={draft.domains}
        onChange={(domains) => setDraft({ ...draft, domains })}
      />
      <Switch
        label="Make an account for whoever is not known yet"
        checked={settings.createUsers !== false}
        onChange={(event) => set({ createUsers: event.currentTarget.checked })}
      />
      <Switch
        label="Link accounts that are there, by a verified address"
        checked={settings.linkVerified === true}
        onChange={(event) => set({ linkVerified: event.currentTarget.checked })}
      />
    </DialogForm>
  );
}
