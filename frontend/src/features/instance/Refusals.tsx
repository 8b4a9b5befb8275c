/** Who was refused what at addresses of the instance, for superadmins. */
import { IconBan } from "@tabler/icons-react";
import { api, call } from "@/api/client";
import { filtered } from "@/api/query";
import type { RefusedRequest } from "@/api/types";
import type { Column } from "@/kit/DataTable";
import { Records } from "@/kit/Records";
import { PAGE_SIZE, type PageOf } from "@/kit/usePages";
import { When } from "@/kit/When";

export function Refusals() {
  return (
    <Records
      label="Refusals"
      queryKey={["instance", "refusals"]}
      fetchPage={fetchRefusals}
      columns={COLUMNS}
      keyOf={({ reference }) => reference}
      nameOf={({ reference }) => reference}
      icon={IconBan}
      hint="Whoever is refused something at an address of the instance is told a reference, which is found here. What was refused in a tenant is found in its Access."
    />
  );
}

function fetchRefusals(q: string | undefined, page: number): Promise<PageOf<RefusedRequest>> {
  const filters = filtered(q ? [{ field: "q", operation: "EQUALS", value: q }] : []);
  const query = { page, size: PAGE_SIZE, filters };
  return call(api.GET("/api/v1/instance/refusals", { params: { query } }));
}

const COLUMNS: Column<RefusedRequest>[] = [
  { id: "at", header: "When", width: "120px", cell: ({ at }) => <When date={at} /> },
  { id: "who", header: "Who", width: "minmax(120px, 2fr)", cell: ({ actor }) => actor.name },
  {
    id: "what",
    header: "What",
    width: "minmax(160px, 3fr)",
    cell: ({ method, path }) => (
      <span className="mono" title={path}>
        {method} {path}
      </span>
    ),
  },
  {
    id: "why",
    header: "Why",
    width: "minmax(140px, 2fr)",
    hide: "narrow",
    cell: ({ message }) => message,
  },
  {
    id: "reference",
    header: "Reference",
    width: "minmax(120px, 2fr)",
    hide: "medium",
    cell: ({ reference }) => <span className="mono">{reference}</span>,
  },
];
