/** What somebody could do at a moment of the past, rebuilt from the trail, and what they did. */
import { Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { PastRights as Past } from "@/api/types";
import { Section } from "@/kit/Facts";
import { FilterBar, TextFilter } from "@/kit/Filters";
import { Failure, RowsLoading } from "@/kit/Notices";
import { Tag } from "@/kit/Tag";
import { absoluteTime } from "@/kit/time";
import { useTenant, useUrlState } from "@/url";
import classes from "./AuditPage.module.css";
import { EntriesTable } from "./EntriesTable";

const KINDS = [
  { value: "USER", label: "A person" },
  { value: "GROUP", label: "A group" },
  { value: "SERVICE_ACCOUNT", label: "A service account" },
];

export function PastRights() {
  const tenant = useTenant();
  const [search, setSearch] = useUrlState();
  const { kind = "USER", id = "", at = "" } = search;
  return (
    <div className={classes.proof}>
      <FilterBar>
        <Select
          size="xs"
          aria-label="Whose rights"
          data={KINDS}
          value={kind}
          onChange={(next) => setSearch({ kind: next ?? undefined })}
          allowDeselect={false}
          w={160}
        />
        <TextFilter label="Id" value={id} onChange={(next) => setSearch({ id: next })} />
        <TextInput
          size="xs"
          type="datetime-local"
          aria-label="At which moment"
          value={at}
          onChange={(event) => setSearch({ at: event.currentTarget.value || undefined })}
        />
      </FilterBar>
      {id && at ? (
        <Rights tenant={tenant} kind={kind} id={id} at={new Date(at).toISOString()} />
      ) : (
        <p className={classes.none}>
          Say whom, by the id that each entry and each page of access shows, and a moment: what they could do
          then is put together from the entries up to that moment, even if they, their roles and their groups
          are gone.
        </p>
      )}
    </div>
  );
}

interface RightsProps {
  tenant: string;
  kind: string;
  id: string;
  at: string;
}

function Rights({ tenant, kind, id, at }: RightsProps) {
  const query = useQuery({
    queryKey: [tenant, "audit", "past", kind, id, at],
    queryFn: () =>
      call<Past>(
        api.GET("/api/v1/{tenant}/access/past", { params: { path: { tenant }, query: { kind, id, at } } }),
      ),
  });
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  if (!query.data) return <RowsLoading rows={8} />;
  const { bindings, permissions, isComplete } = query.data;
  return (
    <>
      {!isComplete && (
        <Tag tone="warn">Entries were purged: something that was given before may be missing</Tag>
      )}
      <Section title={`Roles on ${absoluteTime(at)}`}>
        {bindings.length === 0 && <p className={classes.none}>None.</p>}
        <ul className={classes.rights}>
          {bindings.map((each) => (
            <li key={each.id}>
              <strong>{each.role.name}</strong>{" "}
              {each.namespace ? `in ${each.namespace}` : "in the whole tenant"}
              {each.group && `, by the group ${each.group.name}`}, since {absoluteTime(each.since)}
            </li>
          ))}
        </ul>
      </Section>
      <Section title={`Could do ${permissions.length} things`}>
        <ul className={classes.permissions}>
          {permissions.map(({ permission, namespaces }) => (
            <li key={permission} title={namespaces?.join(", ") ?? "everywhere"}>
              <span className="mono">{permission}</span>
              {namespaces && <span className={classes.kind}> {namespaces.join(", ")}</span>}
            </li>
          ))}
        </ul>
      </Section>
      {kind !== "GROUP" && (
        <Section title="Did until then">
          <div className={classes.deeds}>
            <EntriesTable
              tenant={tenant}
              filters={[
                { field: "userId", operation: "EQUALS", value: id },
                { field: "endDate", operation: "LESS_THAN_OR_EQUAL_TO", value: at },
              ]}
              empty="Nothing"
            />
          </div>
        </Section>
      )}
    </>
  );
}
