/** One entry: who, what, from where, and the thing before and after it side by side. */
import { Button, Drawer } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { to } from "@/addresses";
import { parseJson, stringifyJson } from "@/api/json";
import type { AuditItem } from "@/api/types";
import { stringifyYaml } from "@/api/yaml";
import { updateFlow } from "@/features/flows/queries";
import { confirm } from "@/kit/confirm";
import { Facts } from "@/kit/Facts";
import { Failure, RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { absoluteTime } from "@/kit/time";
import classes from "./AuditPage.module.css";
import { Chips } from "./Chips";
import { detailsOf, fetchDiff, headline, isRefused, keyOf, kindOf, resourceOf, whoOf } from "./entries";

const DiffView = lazy(() => import("@/features/editor/DiffView"));

interface EntryDrawerProps {
  tenant?: string;
  item: AuditItem | undefined;
  onClose: () => void;
  onPair?: (key: string, value: string) => void;
}

export function EntryDrawer({ tenant, item, onClose, onPair }: EntryDrawerProps) {
  return (
    <Drawer
      opened={item !== undefined}
      onClose={onClose}
      position="right"
      size="xl"
      title={item && headline(item)}
    >
      {item && <Entry tenant={tenant} item={item} onPair={onPair} onClose={onClose} />}
    </Drawer>
  );
}

function Entry({ tenant, item, onPair, onClose }: EntryDrawerProps & { item: AuditItem }) {
  const id = keyOf(item);
  const diff = useQuery({
    queryKey: [tenant ?? "", "audit", "diff", id],
    queryFn: () => fetchDiff(tenant, id),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const isFlow = resourceOf(item) === "FLOW";
  const [before, after] = [diff.data?.before, diff.data?.after].map((text) => shown(text, isFlow));
  const about = (key: string, value: string) => {
    onPair?.(key, value);
    onClose();
  };
  return (
    <>
      <Facts
        facts={[
          { name: "When", value: item.auditLog?.date ? absoluteTime(item.auditLog.date) : "–" },
          { name: "Who", value: `${whoOf(item)} (${kindOf(item) || "unknown"})` },
          { name: "From", value: item.auditLog?.ipAddress ?? "–" },
          isRefused(item) && { name: "Refused", value: "It was not allowed, and nothing changed" },
          { name: "Details", value: <Chips pairs={detailsOf(item)} onPair={onPair && about} /> },
          { name: "Entry", value: <span className="mono">{id}</span> },
        ]}
      />
      <div className={classes.links}>
        {tenant && <ToResource tenant={tenant} item={item} />}
        {tenant && isFlow && before && <Restore tenant={tenant} item={item} source={before} />}
      </div>
      <h2 className={classes.heading}>What changed</h2>
      {diff.isError && <Failure error={diff.error} onRetry={diff.refetch} />}
      {diff.isPending && <RowsLoading rows={6} height={21} />}
      {diff.data && (before || after) && (
        <div className={classes.diff}>
          <Suspense fallback={<RowsLoading rows={6} height={21} />}>
            <DiffView left={before ?? ""} right={after ?? ""} label="Change" />
          </Suspense>
        </div>
      )}
      {diff.data && !before && !after && <p className={classes.none}>Nothing to compare.</p>}
    </>
  );
}

/** Where the thing stands today, and all that ever happened to it. */
function ToResource({ tenant, item }: { tenant: string; item: AuditItem }) {
  const detail = (item.auditLog?.detail ?? {}) as { id?: string; namespace?: string; flowId?: string };
  const resource = resourceOf(item);
  const place = addressOf(tenant, resource, detail);
  const history = { resources: resource, ...(detail.id ? { details: `id:${detail.id}` } : {}) };
  return (
    <>
      {place && (
        <Link className="link" to={place}>
          Open it
        </Link>
      )}
      {detail.id && (
        <Link className="link" to={to.audit(tenant)} search={history as never}>
          Its whole history
        </Link>
      )}
    </>
  );
}

function addressOf(
  tenant: string,
  resource: string,
  { id = "", namespace, flowId }: { id?: string; namespace?: string; flowId?: string },
): string | undefined {
  if (resource === "FLOW" && namespace && flowId) return to.flow(tenant, namespace, flowId);
  if (resource === "EXECUTION" && id) return to.execution(tenant, id);
  if (resource === "ROLE") return to.role(tenant, id);
  if (resource === "GROUP") return to.group(tenant, id);
  if (resource === "SERVICE_ACCOUNT") return to.serviceAccount(tenant, id);
  if (resource === "TENANT_ACCESS") return to.member(tenant, id);
  if (resource === "SECRET" && namespace) return to.namespace(tenant, namespace, "secrets");
  if (resource === "KVSTORE" && namespace) return to.namespace(tenant, namespace, "kv");
  if (resource === "NAMESPACE") return to.namespace(tenant, id);
  return undefined;
}

function Restore({ tenant, item, source }: { tenant: string; item: AuditItem; source: string }) {
  const client = useQueryClient();
  const detail = (item.auditLog?.detail ?? {}) as { namespace?: string; flowId?: string };
  const { namespace, flowId } = detail;
  if (!namespace || !flowId || item.auditLog?.type === "DELETE") return null;
  const ask = () =>
    confirm({
      title: "Restore what was before",
      name: flowId,
      text: "The flow is saved as it was before this entry, as a new revision.",
      verb: "Restore",
      run: async () => {
        const saved = await updateFlow(tenant, { namespace, id: flowId }, source);
        await client.invalidateQueries({ queryKey: [tenant] });
        done(`${flowId} restored as revision ${saved.revision}`);
      },
    });
  return (
    <Button size="xs" variant="default" leftSection={<IconArrowBackUp size={14} />} onClick={ask}>
      Restore what was before
    </Button>
  );
}

/** Flows as people write them, everything else field by field. */
function shown(text: string | undefined | null, isFlow: boolean): string {
  if (!text) return "";
  try {
    const value = parseJson(text);
    return isFlow ? stringifyYaml(value) : stringifyJson(value, 2);
  } catch {
    return text;
  }
}
