/** Entries of the audit trail: how they are asked for, and what they are called. */
import { api, call } from "@/api/client";
import { type Filter, filtered, filtersToSearch } from "@/api/query";
import type { AuditDiff, AuditItem } from "@/api/types";
import { PAGE_SIZE, type PageOf } from "@/kit/usePages";
import type { Search } from "@/url";

export const ACTIONS = [
  "CREATE",
  "UPDATE",
  "DELETE",
  "READ",
  "LOGIN",
  "LOGOUT",
  "LOGIN_FAILURE",
  "ACCOUNT_LOCKED",
  "IMPERSONATE",
  "UNKNOWN",
];
export const RESOURCES = [
  "FLOW",
  "EXECUTION",
  "TRIGGER",
  "NAMESPACE",
  "NAMESPACE_FILE",
  "SECRET",
  "CREDENTIAL",
  "KVSTORE",
  "TENANT",
  "TENANT_ACCESS",
  "USER",
  "GROUP",
  "ROLE",
  "BINDING",
  "INVITATION",
  "SERVICE_ACCOUNT",
  "AUDITLOG",
  "WORKER_GROUP",
];
/** What the address may hold; `details` are `key:value`, separated by commas. */
export const NOTHING = {
  action: undefined,
  resources: undefined,
  actor: undefined,
  namespace: undefined,
  details: undefined,
  q: undefined,
  from: undefined,
  until: undefined,
};
export type Names = keyof typeof NOTHING;

export function filtersOf(search: Search): Filter[] {
  const filters: Filter[] = [];
  const add = (field: string, operation: Filter["operation"], value: Filter["value"] | undefined) => {
    if (value) filters.push({ field, operation, value });
  };
  add("action", "EQUALS", search.action);
  add("resources", "IN", search.resources?.split(","));
  add("username", "CONTAINS", search.actor);
  add("namespace", "PREFIX", search.namespace);
  add("q", "EQUALS", search.q);
  add("startDate", "GREATER_THAN_OR_EQUAL_TO", search.from);
  add("endDate", "LESS_THAN_OR_EQUAL_TO", search.until);
  for (const [key, value] of pairsOf(search.details)) add("details", "EQUALS", { [key]: value });
  return filters;
}

/** A value may hold colons, a key none. */
export function pairsOf(details: string | undefined): [string, string][] {
  return (details ?? "")
    .split(",")
    .filter((pair) => pair.indexOf(":") > 0)
    .map((pair) => [pair.slice(0, pair.indexOf(":")), pair.slice(pair.indexOf(":") + 1)]);
}

export function withPair(details: string | undefined, key: string, value: string): string {
  const pair = `${key}:${value}`;
  const before = (details ?? "").split(",").filter(Boolean);
  return before.includes(pair) ? before.join(",") : [...before, pair].join(",");
}

/** Of a tenant, or of all tenants and the instance where none is named. */
export function fetchEntries(
  tenant: string | undefined,
  filters: Filter[],
  page: number,
): Promise<PageOf<AuditItem>> {
  const query = { page, size: PAGE_SIZE, sort: ["date:desc"], filters: filtered(filters) };
  return tenant
    ? call(api.GET("/api/v1/{tenant}/auditlogs/search", { params: { path: { tenant }, query } }))
    : (call(api.GET("/api/v1/auditlogs/search", { params: { query } })) as Promise<PageOf<AuditItem>>);
}

export function fetchDiff(tenant: string | undefined, id: string): Promise<AuditDiff> {
  return tenant
    ? call(api.GET("/api/v1/{tenant}/auditlogs/{id}/diff", { params: { path: { tenant, id } } }))
    : call(api.GET("/api/v1/auditlogs/{id}/diff", { params: { path: { id } } }));
}

export function exportAddress(tenant: string, search: Search, format: "csv" | "ndjson"): string {
  const filters = filtersToSearch(filtersOf(search));
  return `/api/v1/${encodeURIComponent(tenant)}/auditlogs/export?format=${format}${filters && `&${filters}`}`;
}

export function keyOf({ auditLog }: AuditItem): string {
  return auditLog?.id ?? "";
}

export function whoOf({ auditLog, user }: AuditItem): string {
  return user?.username || user?.email || auditLog?.userId || "–";
}

const HOW: Record<string, string> = { SESSION: "browser", TOKEN: "token", BASIC: "password" };

/** The kind of actor and how they signed in: "person, by token". */
export function kindOf({ auditLog, user }: AuditItem): string {
  const kind = { STANDARD: "person", SERVICE_ACCOUNT: "service account" }[user?.type ?? ""];
  const detail = auditLog?.detail as Record<string, unknown> | undefined;
  const how = HOW[String(detail?.signedInBy ?? "")];
  const impersonator = (detail?.impersonator as { name?: string } | undefined)?.name;
  const words = [
    kind ?? (user?.type ?? "").toLowerCase(),
    how && `by ${how}`,
    impersonator && `${impersonator} acting as them`,
  ];
  return words.filter(Boolean).join(", ");
}

const KNOWN = new Set([
  "resource",
  "resourceType",
  "type",
  "signedInBy",
  "impersonator",
  "refused",
  "credential",
  "command",
]);

/** What an entry says of its subject, as pairs that the list can be filtered by. */
export function detailsOf({ auditLog }: AuditItem): [string, string][] {
  return Object.entries(auditLog?.detail ?? {})
    .filter(
      ([name, value]) =>
        !KNOWN.has(name) && value !== "" && ["string", "number", "boolean"].includes(typeof value),
    )
    .map(([name, value]) => [name, String(value)]);
}

export function isRefused({ auditLog }: AuditItem): boolean {
  return Boolean((auditLog?.detail as { refused?: boolean } | undefined)?.refused);
}

export function resourceOf({ auditLog }: AuditItem): string {
  return auditLog?.detail?.resourceType ?? auditLog?.detail?.type ?? "";
}

export function words(name: string): string {
  const text = name.replaceAll("_", " ").toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function headline(item: AuditItem): string {
  return `${words(item.auditLog?.type ?? "")} ${words(resourceOf(item)).toLowerCase()}`;
}
