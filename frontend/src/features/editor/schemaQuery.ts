/** The schema that completion follows; asked for before the editor opens, because it is large. */
import { queryOptions, usePrefetchQuery } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { Schema } from "./schema";

export const flowSchemaQuery = queryOptions({
  queryKey: ["plugins", "schema", "flow"],
  queryFn: () =>
    call<Schema>(api.GET("/api/v1/plugins/schemas/{type}", { params: { path: { type: "flow" as "FLOW" } } })),
  staleTime: 600_000,
});

export function usePrefetchSchema(): void {
  usePrefetchQuery(flowSchemaQuery);
}
