/** What a store asks for of one namespace: all it holds, by name. */
import { type Filter, filtered } from "@/api/query";

const MOST = 500;

/** `q` narrows them to those with that text in their name or description. */
export function ofNamespace(namespace: string, q = "") {
  const filters: Filter[] = [{ field: "namespace", operation: "EQUALS", value: namespace }];
  if (q) filters.push({ field: "q", operation: "EQUALS", value: q });
  return { page: 1, size: MOST, sort: ["key:asc"], filters: filtered(filters) };
}
