/** How filters travel: `filters[field][OPERATION]=value`, maps as `filters[labels][EQUALS][key]=value`. */
import type { paths } from "./schema";

export type Operation =
  | "EQUALS"
  | "NOT_EQUALS"
  | "IN"
  | "NOT_IN"
  | "CONTAINS"
  | "STARTS_WITH"
  | "PREFIX"
  | "GREATER_THAN_OR_EQUAL_TO"
  | "LESS_THAN"
  | "LESS_THAN_OR_EQUAL_TO";

export interface Filter {
  field: string;
  operation: Operation;
  value: string | string[] | Record<string, string>;
}

type FlowQuery = NonNullable<paths["/api/v1/{tenant}/flows/search"]["get"]["parameters"]["query"]>;
type WireFilters = NonNullable<FlowQuery["filters"]>;

/** Our filters in the type that the schema gives the parameter; the serializer below writes both alike. */
export function filtered(filters: Filter[]): WireFilters {
  return filters as unknown as WireFilters;
}

export function querySerializer(query: Record<string, unknown>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === "") continue;
    if (name === "filters") appendFilters(search, value as Filter[]);
    else if (Array.isArray(value)) for (const item of value) search.append(name, String(item));
    else search.append(name, String(value));
  }
  return search.toString();
}

export function filtersToSearch(filters: Filter[]): string {
  return querySerializer({ filters });
}

function appendFilters(search: URLSearchParams, filters: Filter[]): void {
  for (const { field, operation, value } of filters) {
    const name = `filters[${field}][${operation}]`;
    if (Array.isArray(value)) search.append(name, value.join(","));
    else if (typeof value === "string") search.append(name, value);
    else for (const [key, text] of Object.entries(value)) search.append(`${name}[${key}]`, text);
  }
}
