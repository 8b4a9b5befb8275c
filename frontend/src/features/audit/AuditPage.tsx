/** Who changed what, and what exactly. */

import { Drawer, Select } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { api, call } from "@/api/client";
import { parseJson, stringifyJson } from "@/api/json";
import { type Filter, filtered } from "@/api/query";
import type { AuditDiff, AuditItem } from "@/api/types";
import { type Column, DataTable } from "@/kit/DataTable";
import { Facts } from "@/kit/Facts";
import { FilterBar, TextFilter } from "@/kit/Filters";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { Page } from "@/kit/Page";
import { absoluteTime } from "@/kit/time";
import { PAGE_SIZE, type PageOf, usePages } from "@/kit/usePages";
import { When } from "@/kit/When";
import { type Search, useTenant, useUrlState } from "@/url";
import classes from "./AuditPage.module.css";

const DiffView = lazy(() => import("@/features/editor/DiffView"));

const ACTIONS = [
  "CREATE",
  "UPDATE",
  "DELETE",
  "READ",
  "LOGIN",
  "LOGOUT",
  "LOGIN_FAILURE",
  "ACCOUNT_LOCKED",
  "IMPERSONATE",
];
const RESOURCES = [
  "FLOW",
  "EXECUTION",
  "NAMESPACE",
  "TENANT",
  "USER",
  "ROLE",
  "BINDING",
  "GROUP",
  "SERVICE_ACCOUNT",
];
const NOTHING = { action: undefined, resources: undefined, userId: undefined, namespace: undefined };

export function AuditPage() {
  const tenant = useTenant();
  const [search, setSearch] = useUrlState();
  const [opened, setOpened] = useState<AuditItem>();
  const { query, rows, total, onEnd } = usePages({
    queryKey: [tenant, "audit", search],
    fetchPage: (page) => fetchAudit(tenant, search, page),
    keyOf,
  });
  const filtering = Object.keys(NOTHING).some((name) => search[name]);
  return (
    <Page name="Audit log" title="Audit log" fill>
      <FilterBar onClear={filtering ? () => setSearch(NOTHING) : undefined}>
        <Select
          size="xs"
          aria-label="Action"
          placeholder="All actions"
          data={ACTIONS.map((value) => ({ value, label: words(value) }))}
          value={search.action ?? null}
          onChange={(action) => setSearch({ action: action ?? undefined })}
          clearable
          w={150}
        />
        <Select
          size="xs"
          aria-label="Kind of thing"
          placeholder="All kinds"
          data={RESOURCES.map((value) => ({ value, label: words(value) }))}
          value={search.resources ?? null}
          onChange={(resources) => setSearch({ resources: resources ?? undefined })}
          clearable
          w={160}
        />
        <TextFilter
          label="Namespace"
          value={search.namespace}
          onChange={(namespace) => setSearch({ namespace })}
        />
        <TextFilter label="User id" value={search.userId} onChange={(userId) => setSearch({ userId })} />
      </FilterBar>
      {query.isPending && <RowsLoading rows={10} height={40} />}
      {query.isError && <Failure error={query.error} onRetry={query.refetch} />}
      {query.isSuccess && rows.length === 0 && (
        <Empty icon={IconHistory} title={filtering ? "No entry matches" : "Nothing has been changed yet"}>
          Every change is written here in the same moment as it is made, with who made it and what it was
          before.
        </Empty>
      )}
      {rows.length > 0 && (
        <DataTable
          label="Audit entries"
          columns={columns(setOpened)}
          rows={rows}
          rowKey={keyOf}
          rowName={keyOf}
          onRow={setOpened}
          onEnd={onEnd}
          total={total}
        />
      )}
      <Drawer
        opened={opened !== undefined}
        onClose={() => setOpened(undefined)}
        position="right"
        size="min(900px, 100vw)"
        title={opened && headline(opened)}
      >
        {opened && <Entry tenant={tenant} item={opened} />}
      </Drawer>
    </Page>
  );
}

function columns(open: (item: AuditItem) => void): Column<AuditItem>[] {
  return [
    { id: "when", header: "When", width: "112px", cell: ({ auditLog }) => <When date={auditLog?.date} /> },
    {
      id: "who",
      header: "Who",
      width: "minmax(64px, 1.4fr)",
      cell: (item) => whoOf(item),
    },
    {
      id: "action",
      header: "Action",
      width: "74px",
      cell: ({ auditLog }) => words(auditLog?.type ?? ""),
    },
    {
      id: "kind",
      header: "Kind",
      width: "110px",
      hide: "narrow",
      cell: ({ auditLog }) => words(auditLog?.detail?.resourceType ?? auditLog?.detail?.type ?? ""),
    },
    {
      id: "what",
      header: "What",
      width: "minmax(80px, 2fr)",
      cell: (item) => (
        <button type="button" className={classes.open} onClick={() => open(item)}>
          {nameOf(item)}
        </button>
      ),
    },
    {
      id: "from",
      header: "From",
      width: "130px",
      hide: "medium",
      cell: ({ auditLog }) => <span className="mono">{auditLog?.ipAddress}</span>,
    },
  ];
}

function Entry({ tenant, item }: { tenant: string; item: AuditItem }) {
  const id = item.auditLog?.id ?? "";
  const diff = useQuery({
    queryKey: [tenant, "audit", "diff", id],
    queryFn: () =>
      call<AuditDiff>(api.GET("/api/v1/{tenant}/auditlogs/{id}/diff", { params: { path: { tenant, id } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <>
      <Facts
        facts={[
          { name: "When", value: item.auditLog?.date ? absoluteTime(item.auditLog.date) : "–" },
          { name: "Who", value: whoOf(item) },
          { name: "From", value: item.auditLog?.ipAddress ?? "–" },
          { name: "Entry", value: <span className="mono">{id}</span> },
          ...Object.entries(detailsOf(item)).map(([name, value]) => ({ name, value: String(value) })),
        ]}
      />
      <h2 className={classes.heading}>What changed</h2>
      {diff.isError && <Failure error={diff.error} onRetry={diff.refetch} />}
      {diff.isPending && <RowsLoading rows={6} height={21} />}
      {diff.data && (diff.data.before || diff.data.after) && (
        <div className={classes.diff}>
          <Suspense fallback={<RowsLoading rows={6} height={21} />}>
            <DiffView left={pretty(diff.data.before)} right={pretty(diff.data.after)} label="Change" />
          </Suspense>
        </div>
      )}
      {diff.data && !diff.data.before && !diff.data.after && (
        <p className={classes.none}>Nothing to compare.</p>
      )}
    </>
  );
}

function fetchAudit(tenant: string, search: Search, page: number): Promise<PageOf<AuditItem>> {
  const { action, resources, userId, namespace } = search;
  const filters: Filter[] = [];
  if (action) filters.push({ field: "action", operation: "EQUALS", value: action });
  if (resources) filters.push({ field: "resources", operation: "IN", value: [resources] });
  if (userId) filters.push({ field: "userId", operation: "EQUALS", value: userId });
  if (namespace) filters.push({ field: "namespace", operation: "EQUALS", value: namespace });
  const query = { page, size: PAGE_SIZE, sort: ["date:desc"], filters: filtered(filters) };
  return call(api.GET("/api/v1/{tenant}/auditlogs/search", { params: { path: { tenant }, query } }));
}

function keyOf({ auditLog }: AuditItem): string {
  return auditLog?.id ?? "";
}

function whoOf({ auditLog, user }: AuditItem): string {
  return user?.email ?? user?.username ?? auditLog?.userId ?? "–";
}

const KNOWN = new Set(["resource", "resourceType", "type", "id"]);

/** What an entry says about its subject beyond kind and id: namespace, flow, revision and the like. */
function detailsOf({ auditLog }: AuditItem): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(auditLog?.detail ?? {}).filter(([name, value]) => !KNOWN.has(name) && value !== null),
  );
}

function nameOf(item: AuditItem): string {
  const { namespace, flowId } = detailsOf(item) as { namespace?: string; flowId?: string };
  return [namespace, flowId, item.auditLog?.detail?.id].filter(Boolean).join(" / ") || "–";
}

function headline(item: AuditItem): string {
  const { auditLog } = item;
  return `${words(auditLog?.type ?? "")} ${words(auditLog?.detail?.resourceType ?? auditLog?.detail?.type ?? "")}`;
}

function words(name: string): string {
  const text = name.replaceAll("_", " ").toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function pretty(text: string | undefined | null): string {
  if (!text) return "";
  try {
    return stringifyJson(parseJson(text), 2);
  } catch {
    return text;
  }
}
