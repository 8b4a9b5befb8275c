/** All that ever happened to one thing: a tab of its page. */
import type { Filter } from "@/api/query";
import { Section } from "@/kit/Facts";
import { useTenant } from "@/url";
import classes from "./AuditPage.module.css";
import { EntriesTable } from "./EntriesTable";

interface HistoryProps {
  /** Of things of any kind where none is named. */
  resource?: string;
  id?: string;
  namespace?: string;
  details?: Record<string, string>;
  /** It belongs to the instance, whose trail superadmins alone read. */
  ofInstance?: boolean;
}

export function History({ resource, id, namespace, details = {}, ofInstance }: HistoryProps) {
  const tenant = useTenant();
  const filters: Filter[] = [];
  if (resource) filters.push({ field: "resources", operation: "IN", value: [resource] });
  if (id) filters.push({ field: "details", operation: "EQUALS", value: { id } });
  if (namespace) filters.push({ field: "namespace", operation: "EQUALS", value: namespace });
  for (const [key, value] of Object.entries(details))
    filters.push({ field: "details", operation: "EQUALS", value: { [key]: value } });
  return (
    <EntriesTable
      tenant={ofInstance ? undefined : tenant}
      filters={filters}
      empty="Nothing has happened to it"
    />
  );
}

/** The same as a part of a page. */
export function HistorySection(props: HistoryProps) {
  return (
    <Section title="History">
      <div className={classes.deeds}>
        <History {...props} />
      </div>
    </Section>
  );
}
