import { describe, expect, it } from "vitest";
import type { Credential } from "@/api/types";
import { bodyOf, draftOf, emptyDraft } from "./drafts";

const MOMENTS = { createdAt: "2026-01-01T00:00:00Z", updatedAt: "2026-01-01T00:00:00Z" };

function credential(more: Partial<Credential>): Credential {
  return {
    id: "1",
    name: "api",
    type: "OAUTH2",
    tenantId: "acme",
    tokenCaching: { enabled: true, refreshBeforeExpiry: "PT1M" },
    authConfig: {},
    ...MOMENTS,
    ...more,
  };
}

describe("the draft of a credential", () => {
  it("names a secret and never holds one", () => {
    const draft = {
      ...emptyDraft(),
      name: "api",
      tokenEndpoint: " https://issuer.test/token ",
      scopes: "read  write",
      auth: { clientId: "me", clientSecret: "company.team:CLIENT_SECRET" },
    };
    expect(bodyOf(draft)).toEqual({
      type: "OAUTH2",
      name: "api",
      description: "",
      tokenEndpoint: "https://issuer.test/token",
      scopes: ["read", "write"],
      audience: "",
      tokenCaching: { enabled: true, refreshBeforeExpiry: "PT1M" },
      authConfig: {
        type: "CLIENT_CREDENTIALS",
        clientId: { type: "VALUE", value: "me" },
        clientSecret: { secretKey: "CLIENT_SECRET", namespace: "company.team" },
      },
    });
  });

  it("leaves what belongs to another kind behind", () => {
    const auth = {
      clientSecret: "S",
      issuer: "robot",
      privateKey: "KEY",
      additionalClaims: '{"scope": "a b"}',
    };
    const sent = bodyOf({ ...emptyDraft(), kind: "JWT_BEARER", auth: { ...auth, appId: "1" } });
    expect(sent.authConfig).toEqual({
      type: "JWT_BEARER",
      issuer: { type: "VALUE", value: "robot" },
      privateKey: { secretKey: "KEY" },
      clientSecret: { secretKey: "S" },
      additionalClaims: { scope: "a b" },
    });
  });

  it("says what is wrong with claims that are none", () => {
    const draft = { ...emptyDraft(), kind: "JWT_BEARER" as const, auth: { additionalClaims: "[1]" } };
    expect(() => bodyOf(draft)).toThrow("a JSON object is expected");
  });

  it.each([
    credential({
      tokenEndpoint: "https://issuer.test/token",
      scopes: ["a", "b"],
      audience: "orders",
      authConfig: {
        type: "PRIVATE_KEY_JWT",
        clientId: { type: "SECRET", secretKey: "ID", namespace: "company" },
        privateKey: { type: "SECRET", secretKey: "KEY" },
        algorithm: "ES256",
      },
    }),
    credential({
      type: "GITHUB_APP",
      apiUrl: "https://git.test/api/v3",
      authConfig: {
        appId: { type: "VALUE", value: "1" },
        installationId: { type: "VALUE", value: "2" },
        privateKey: { type: "SECRET", secretKey: "KEY", namespace: "company" },
      },
    }),
  ])("comes back as it was", (known) => {
    const again = draftOf({ ...known, ...(bodyOf(draftOf(known)) as Partial<Credential>) });
    expect(again).toEqual(draftOf(known));
  });
});
