/** What the form of a provider holds. */
import type { IdentityProvider } from "@/api/types";
import { presetOf } from "./presets";
import type { ProviderDraft, Rule } from "./queries";

/** What a preset knows nothing of. */
const TYPED = ["issuer", "clientId", "url", "authorities", "bindDn", "userBase", "groupBase", "tenants"];

export function freshDraft(preset: string): ProviderDraft {
  const { scopes, trustEmail, label, kind, settings } = presetOf(preset);
  return {
    name: preset === "generic" ? "openid" : preset,
    title: preset === "generic" ? "" : label,
    kind: kind ?? "OIDC",
    preset,
    settings: settings ?? { scopes, trustEmail: trustEmail === true },
    rules: [],
    domains: [],
    enabled: true,
  };
}

/** Another kind of provider, with whatever was typed already. */
export function withPreset(draft: ProviderDraft, preset: string): ProviderDraft {
  const fresh = freshDraft(preset);
  if (fresh.kind !== draft.kind) return fresh;
  const kept = Object.fromEntries(TYPED.map((name) => [name, draft.settings[name]]));
  return { ...fresh, secret: draft.secret, settings: { ...kept, ...fresh.settings } };
}

export function draftOf(known: IdentityProvider): ProviderDraft {
  const { name, title, kind, preset, settings, rules, domains, enabled } = known;
  return { name, title, kind, preset, settings, rules: rules as unknown as Rule[], domains, enabled };
}
