/** What an OpenID provider is told by: its issuer, and who we are to it. */
import { Switch, TagsInput, TextInput } from "@mantine/core";

export interface SettingsFields {
  settings: Record<string, unknown>;
  set: (change: Record<string, unknown>) => void;
}

export function OpenIdFields({ settings, set, issuer }: SettingsFields & { issuer: string }) {
  return (
    <>
      <TextInput
        label="Issuer"
        placeholder={issuer}
        required
        value={String(settings.issuer ?? "")}
        onChange={(event) => set({ issuer: event.currentTarget.value })}
        data-autofocus
      />
      <TextInput
        label="Client id"
        required
        value={String(settings.clientId ?? "")}
        onChange={(event) => set({ clientId: event.currentTarget.value })}
      />
      <TagsInput
        label="Scopes"
        value={(settings.scopes as string[] | undefined) ?? []}
        onChange={(scopes) => set({ scopes })}
      />
      <Switch
        label="Take addresses for verified although the provider does not say so"
        checked={settings.trustEmail === true}
        onChange={(event) => set({ trustEmail: event.currentTarget.checked })}
      />
    </>
  );
}
