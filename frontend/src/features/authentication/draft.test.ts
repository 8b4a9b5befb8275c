import { describe, expect, it } from "vitest";
import { freshDraft, withPreset } from "./draft";

describe("the draft of a provider", () => {
  it("begins with what is known of the usual ones", () => {
    const draft = freshDraft("entra");
    expect(draft.title).toBe("Microsoft Entra ID");
    expect(draft.settings).toMatchObject({ trustEmail: true, scopes: ["openid", "profile", "email"] });
  });

  it("keeps what was typed when another one is chosen", () => {
    const typed = {
      ...freshDraft("keycloak"),
      secret: "s",
      settings: { issuer: "https://id.test", clientId: "o" },
    };
    const draft = withPreset(typed, "okta");
    expect(draft.secret).toBe("s");
    expect(draft.settings).toMatchObject({ issuer: "https://id.test", clientId: "o" });
    expect(draft.settings.scopes).toContain("groups");
  });

  it("asks a directory by LDAP, and forgets what only an OpenID provider is told", () => {
    const typed = { ...freshDraft("keycloak"), secret: "s", settings: { issuer: "https://id.test" } };
    const draft = withPreset(typed, "openldap");
    expect(draft.kind).toBe("LDAP");
    expect(draft.secret).toBeUndefined();
    expect(draft.settings).not.toHaveProperty("issuer");
    const told = { ...draft, settings: { ...draft.settings, url: "ldaps://ldap.test", userBase: "dc=test" } };
    expect(withPreset(told, "active-directory").settings).toMatchObject({
      url: "ldaps://ldap.test",
      userBase: "dc=test",
      idAttribute: "objectGUID",
    });
  });
});
