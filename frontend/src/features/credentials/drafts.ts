/** A credential as a form holds it: texts, which become the settings that the API takes. */
import { parseJson, stringifyJson } from "@/api/json";
import type { Credential } from "@/api/types";

export const KINDS = {
  CLIENT_CREDENTIALS: "OAuth 2.0, client secret",
  PRIVATE_KEY_JWT: "OAuth 2.0, client with a private key",
  JWT_BEARER: "OAuth 2.0, signed assertion (JWT bearer)",
  GITHUB_APP: "GitHub App",
} as const;

export type Kind = keyof typeof KINDS;

export const ALGORITHMS = "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA".split(" ");

/** Texts in the parts of the settings that are about one kind, by their names in the API. */
export interface CredentialDraft {
  kind: Kind;
  name: string;
  description: string;
  tokenEndpoint: string;
  apiUrl: string;
  scopes: string;
  audience: string;
  caching: boolean;
  margin: string;
  auth: Record<string, string>;
}

/** Where each kind keeps what: a value or `{{ secret('KEY') }}`, the name of a secret, or a word. */
export const FIELDS: Record<Kind, { plain: string[]; secret: string[]; word: string[] }> = {
  CLIENT_CREDENTIALS: { plain: ["clientId"], secret: ["clientSecret"], word: ["clientAuthentication"] },
  PRIVATE_KEY_JWT: {
    plain: ["clientId", "keyId"],
    secret: ["privateKey", "certificate"],
    word: ["algorithm"],
  },
  JWT_BEARER: {
    plain: ["issuer", "subject", "clientId", "keyId"],
    secret: ["privateKey", "certificate", "clientSecret"],
    word: ["algorithm"],
  },
  GITHUB_APP: { plain: ["appId", "installationId"], secret: ["privateKey"], word: [] },
};

export function emptyDraft(): CredentialDraft {
  return {
    kind: "CLIENT_CREDENTIALS",
    name: "",
    description: "",
    tokenEndpoint: "",
    apiUrl: "",
    scopes: "",
    audience: "",
    caching: true,
    margin: "PT1M",
    auth: {},
  };
}

type Given = { type?: string; value?: string; secretKey?: string; namespace?: string } | string | undefined;

export function draftOf(credential: Credential): CredentialDraft {
  const given = credential.authConfig as Record<string, Given> & { additionalClaims?: object };
  const kind = (credential.type === "GITHUB_APP" ? "GITHUB_APP" : given.type) as Kind;
  const fields = FIELDS[kind];
  const auth: Record<string, string> = {};
  for (const name of fields.plain) auth[name] = plainText(given[name]);
  for (const name of fields.secret) auth[name] = secretText(given[name]);
  for (const name of fields.word) auth[name] = String(given[name] ?? "");
  const claims = given.additionalClaims ?? {};
  if (Object.keys(claims).length > 0) auth.additionalClaims = stringifyJson(claims, 2);
  const caching = credential.tokenCaching as { enabled?: boolean; refreshBeforeExpiry?: string };
  return {
    ...emptyDraft(),
    kind,
    name: credential.name,
    description: credential.description ?? "",
    tokenEndpoint: credential.tokenEndpoint ?? "",
    apiUrl: credential.apiUrl ?? "",
    scopes: (credential.scopes ?? []).join(" "),
    audience: credential.audience ?? "",
    caching: caching.enabled ?? true,
    margin: caching.refreshBeforeExpiry ?? "PT1M",
    auth,
  };
}

/** The body of a request. Throws with words for claims that are no JSON object. */
export function bodyOf(draft: CredentialDraft): Record<string, unknown> {
  const isGithub = draft.kind === "GITHUB_APP";
  const fields = FIELDS[draft.kind];
  const auth: Record<string, unknown> = isGithub ? {} : { type: draft.kind };
  for (const name of fields.plain) if (draft.auth[name]) auth[name] = propertyOf(draft.auth[name]);
  for (const name of fields.secret) if (draft.auth[name]) auth[name] = referenceOf(draft.auth[name]);
  for (const name of fields.word) if (draft.auth[name]) auth[name] = draft.auth[name];
  if (draft.kind === "JWT_BEARER" && draft.auth.additionalClaims?.trim())
    auth.additionalClaims = claimsOf(draft.auth.additionalClaims);
  const shared = {
    name: draft.name,
    description: draft.description,
    tokenCaching: { enabled: draft.caching, refreshBeforeExpiry: draft.margin },
    authConfig: auth,
  };
  if (isGithub) return { type: "GITHUB_APP", ...(draft.apiUrl && { apiUrl: draft.apiUrl }), ...shared };
  const scopes = draft.scopes.split(/\s+/).filter(Boolean);
  return {
    type: "OAUTH2",
    tokenEndpoint: draft.tokenEndpoint.trim(),
    scopes,
    audience: draft.audience.trim(),
    ...shared,
  };
}

const SECRET = /^\{\{\s*secret\('([^']+)'(?:,\s*'([^']+)')?\)\s*\}\}$/;

function propertyOf(text: string): object {
  const [, secretKey, namespace] = SECRET.exec(text.trim()) ?? [];
  if (!secretKey) return { type: "VALUE", value: text.trim() };
  return { type: "SECRET", secretKey, ...(namespace && { namespace }) };
}

function plainText(given: Given): string {
  if (given === undefined || typeof given === "string") return given ?? "";
  if (given.type !== "SECRET") return given.value ?? "";
  return `{{ secret('${given.secretKey}'${given.namespace ? `, '${given.namespace}'` : ""}) }}`;
}

/** `KEY`, or `namespace:KEY` for one of another namespace. */
function referenceOf(text: string): object {
  const parts = text.trim().split(":");
  const secretKey = parts.pop() ?? "";
  return { secretKey, ...(parts.length > 0 && { namespace: parts.join(":") }) };
}

function secretText(given: Given): string {
  if (given === undefined || typeof given === "string") return "";
  return given.namespace ? `${given.namespace}:${given.secretKey}` : (given.secretKey ?? "");
}

function claimsOf(text: string): object {
  let claims: unknown;
  try {
    claims = parseJson(text);
  } catch {
    claims = undefined;
  }
  if (typeof claims !== "object" || claims === null || Array.isArray(claims))
    throw new Error('Additional claims: a JSON object is expected, such as {"scope": "read"}');
  return claims;
}
