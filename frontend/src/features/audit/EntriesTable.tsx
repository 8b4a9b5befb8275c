/** Entries, newest first, and each of them opened beside the list. */
import { IconHistory } from "@tabler/icons-react";
import { useState } from "react";
import { isStatus } from "@/api/errors";
import type { Filter } from "@/api/query";
import type { AuditItem } from "@/api/types";
import { type Column, DataTable } from "@/kit/DataTable";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { Tag } from "@/kit/Tag";
import { usePages } from "@/kit/usePages";
import { When } from "@/kit/When";
import classes from "./AuditPage.module.css";
import { Chips } from "./Chips";
import { EntryDrawer } from "./EntryDrawer";
import { detailsOf, fetchEntries, isRefused, keyOf, kindOf, resourceOf, whoOf, words } from "./entries";

interface EntriesTableProps {
  /** Without one the entries of all tenants and of the instance are shown, to superadmins. */
  tenant?: string;
  filters: Filter[];
  empty: string;
  onPair?: (key: string, value: string) => void;
}

export function EntriesTable({ tenant, filters, empty, onPair }: EntriesTableProps) {
  const [opened, setOpened] = useState<AuditItem>();
  const { query, rows, total, onEnd } = usePages({
    queryKey: [tenant ?? "", "audit", filters],
    fetchPage: (page) => fetchEntries(tenant, filters, page),
    keyOf,
  });
  if (query.isPending) return <RowsLoading rows={10} height={40} />;
  if (isStatus(query.error, 403))
    return <p className={classes.none}>Only those who may read the audit log see this.</p>;
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  if (rows.length === 0)
    return (
      <Empty icon={IconHistory} title={empty}>
        Every change is written here in the same moment as it is made, with who made it and what it was
        before.
      </Empty>
    );
  return (
    <>
      <DataTable
        label="Audit entries"
        columns={columns(setOpened, onPair)}
        rows={rows}
        rowKey={keyOf}
        rowName={keyOf}
        onRow={setOpened}
        onEnd={onEnd}
        total={total}
      />
      <EntryDrawer tenant={tenant} item={opened} onClose={() => setOpened(undefined)} onPair={onPair} />
    </>
  );
}

function columns(open: (item: AuditItem) => void, onPair: EntriesTableProps["onPair"]): Column<AuditItem>[] {
  return [
    {
      id: "resource",
      header: "Resource",
      width: "120px",
      cell: (item) => words(resourceOf(item)),
    },
    {
      id: "action",
      header: "Action",
      width: "132px",
      cell: (item) => (
        <span className={classes.action}>
          {words(item.auditLog?.type ?? "")}
          {isRefused(item) && <Tag tone="bad">refused</Tag>}
        </span>
      ),
    },
    {
      id: "actor",
      header: "Actor",
      width: "minmax(96px, 1.2fr)",
      cell: (item) => (
        <span className={classes.actor} title={kindOf(item)}>
          <span className={classes.who}>{whoOf(item)}</span>
          <span className={classes.kind}>{kindOf(item)}</span>
        </span>
      ),
    },
    {
      id: "details",
      header: "Details",
      width: "minmax(120px, 2.6fr)",
      hide: "narrow",
      cell: (item) => <Chips pairs={detailsOf(item)} onPair={onPair} />,
    },
    { id: "time", header: "Time", width: "104px", cell: ({ auditLog }) => <When date={auditLog?.date} /> },
    {
      id: "changes",
      header: "Changes",
      width: "76px",
      cell: (item) => (
        <button type="button" className={classes.open} aria-label="Show the entry" onClick={() => open(item)}>
          {countOf(item)}
        </button>
      ),
    },
  ];
}

function countOf({ auditLog }: AuditItem): string {
  const count = auditLog?.appliedPatch?.length ?? 0;
  return count === 0 ? "Show" : `${count} ${count === 1 ? "change" : "changes"}`;
}
