/** What the form of a provider holds. */
import type { IdentityProvider } from "@/api/types";
import { presetOf } from "./presets";
import type { ProviderDraft, Rule } from "./queries";

export function freshDraft(preset: string): ProviderDraft {
  const { scopes, trustEmail, label } = presetOf(preset);
  return {
    name: preset === "generic" ? "openid" : preset,
    title: preset === "generic" ? "" : label,
    kind: "OIDC",
    preset,
    settings: { scopes, trustEmail: trustEmail === true },
    rules: [],
    domains: [],
    enabled: true,
  };
}

/** Another kind of provider, with whatever was typed already. */
export function withPreset(draft: ProviderDraft, preset: string): ProviderDraft {
  const fresh = freshDraft(preset);
  const { issuer, clientId, tenants } = draft.settings;
  return { ...fresh, secret: draft.secret, settings: { issuer, clientId, tenants, ...fresh.settings } };
}

export function draftOf(known: IdentityProvider): ProviderDraft {
  const { name, title, kind, preset, settings, rules, domains, enabled } = known;
  return { name, title, kind, preset, settings, rules: rules as unknown as Rule[], domains, enabled };
}
