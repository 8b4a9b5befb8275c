/** Who started an execution, killed, resumed or replayed it, by which credential, trigger or parent. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { to } from "@/addresses";
import { isStatus } from "@/api/errors";
import type { AuditItem, Execution } from "@/api/types";
import { type Fact, Facts } from "@/kit/Facts";
import { Failure, RowsLoading } from "@/kit/Notices";
import { absoluteTime } from "@/kit/time";
import { useTenant } from "@/url";
import classes from "./AuditPage.module.css";
import { fetchEntries, keyOf, kindOf, whoOf, words } from "./entries";

export function Doings({ execution }: { execution: Execution }) {
  const tenant = useTenant();
  const query = useQuery({
    queryKey: [tenant, "audit", "execution", execution.id],
    queryFn: () =>
      fetchEntries(
        tenant,
        [
          { field: "resources", operation: "IN", value: ["EXECUTION"] },
          { field: "id", operation: "EQUALS", value: execution.id },
        ],
        1,
      ),
    retry: false,
  });
  const isHidden = isStatus(query.error, 403);
  if (query.isError && !isHidden) return <Failure error={query.error} onRetry={query.refetch} />;
  if (!query.data && !isHidden) return <RowsLoading rows={2} height={21} />;
  const entries = [...(query.data?.results ?? [])].reverse();
  const isTold = entries.some(({ auditLog }) => auditLog?.type === "CREATE");
  const facts = [...(isTold ? [] : originOf(execution, tenant)), ...entries.map(factOf)];
  return (
    <>
      {facts.length > 0 && <Facts facts={facts} />}
      {isHidden && <p className={classes.none}>Only those who may read the audit log see who did more.</p>}
      {!isHidden && facts.length === 0 && <p className={classes.none}>The audit log no longer tells it.</p>}
    </>
  );
}

/** What the execution itself says of its start: nobody ordered what another one, or a trigger, has started. */
function originOf({ parentId, trigger }: Execution, tenant: string): Fact[] {
  if (parentId)
    return [
      {
        name: "Start",
        value: (
          <>
            <Link className="link mono" to={to.execution(tenant, parentId)}>
              {parentId}
            </Link>{" "}
            <span className={classes.kind}>(execution{trigger?.id && `, by its task ${trigger.id}`})</span>
          </>
        ),
      },
    ];
  if (!trigger) return [];
  return [
    {
      name: "Start",
      value: (
        <>
          {trigger.id} <span className={classes.kind}>(trigger)</span>
        </>
      ),
    },
  ];
}

function factOf(item: AuditItem): Fact {
  return {
    name: verbOf(item),
    value: (
      <span key={keyOf(item)}>
        {whoOf(item)} <span className={classes.kind}>{byOf(item)}</span>{" "}
        {item.auditLog?.date && absoluteTime(item.auditLog.date)}
      </span>
    ),
  };
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
