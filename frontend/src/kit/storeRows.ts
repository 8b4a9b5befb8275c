/** What a store asks for of one namespace: all it holds, by name. */
import { filtered } from "@/api/query";

const MOST = 500;

export function ofNamespace(namespace: string) {
  const filters = filtered([{ field: "namespace", operation: "EQUALS", value: namespace }]);
  return { page: 1, size: MOST, sort: ["key:asc"], filters };
}
