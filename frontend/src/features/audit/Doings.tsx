/** Who started an execution, killed, resumed or replayed it, and by which credential. */
import { useQuery } from "@tanstack/react-query";
import { isStatus } from "@/api/errors";
import type { AuditItem } from "@/api/types";
import { Facts } from "@/kit/Facts";
import { Failure, RowsLoading } from "@/kit/Notices";
import { absoluteTime } from "@/kit/time";
import { useTenant } from "@/url";
import classes from "./AuditPage.module.css";
import { fetchEntries, keyOf, kindOf, whoOf, words } from "./entries";

export function Doings({ executionId }: { executionId: string }) {
  const tenant = useTenant();
  const query = useQuery({
    queryKey: [tenant, "audit", "execution", executionId],
    queryFn: () =>
      fetchEntries(
        tenant,
        [
          { field: "resources", operation: "IN", value: ["EXECUTION"] },
          { field: "id", operation: "EQUALS", value: executionId },
        ],
        1,
      ),
    retry: false,
  });
  if (isStatus(query.error, 403))
    return <p className={classes.none}>Only those who may read the audit log see it.</p>;
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  if (!query.data) return <RowsLoading rows={2} height={21} />;
  const entries = [...query.data.results].reverse();
  if (entries.length === 0)
    return <p className={classes.none}>Nobody: a trigger or another execution started it.</p>;
  return (
    <Facts
      facts={entries.map((item) => ({
        name: verbOf(item),
        value: (
          <span key={keyOf(item)}>
            {whoOf(item)} <span className={classes.kind}>{byOf(item)}</span>{" "}
            {item.auditLog?.date && absoluteTime(item.auditLog.date)}
          </span>
        ),
      }))}
    />
  );
}

function verbOf({ auditLog }: AuditItem): string {
  const detail = auditLog?.detail as { command?: string } | undefined;
  return words(detail?.command?.replace("_execution", "") ?? auditLog?.type ?? "");
}

/** "person, by token 3kX9..." */
function byOf(item: AuditItem): string {
  const detail = item.auditLog?.detail as { credential?: string; signedInBy?: string } | undefined;
  const token = detail?.signedInBy === "TOKEN" && detail.credential ? ` ${detail.credential}` : "";
  return `(${kindOf(item)}${token})`;
}
