/** Who changed what, whether that can be proved, and what somebody could do at a moment. */

import { Button, Menu, Select, TagsInput, TextInput } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { to } from "@/addresses";
import { saveAddress } from "@/kit/download";
import { FilterBar, NamespaceFilter, SearchFilter, TextFilter } from "@/kit/Filters";
import { instantOf, localOf } from "@/kit/localTime";
import { NavTabs } from "@/kit/NavTabs";
import { Page } from "@/kit/Page";
import { type Search, useParam, useTenant, useUrlState } from "@/url";
import { EntriesTable } from "./EntriesTable";
import { ACTIONS, exportAddress, filtersOf, NOTHING, RESOURCES, withPair, words } from "./entries";
import { PastRights } from "./PastRights";
import { Proof } from "./Proof";
import { SavedFilters } from "./SavedFilters";

const TABS = [
  { id: "entries", label: "Entries" },
  { id: "proof", label: "Proof" },
  { id: "past", label: "Past rights" },
];

export function AuditPage() {
  const tenant = useTenant();
  const wanted = useParam("tab");
  const tab = TABS.find(({ id }) => id === wanted)?.id ?? "entries";
  return (
    <Page
      name="Audit log"
      title="Audit log"
      fill={tab === "entries"}
      tabs={
        <NavTabs
          label="Parts of the audit log"
          current={tab}
          tabs={TABS.map((each) => ({ ...each, to: to.audit(tenant, each.id) }))}
        />
      }
    >
      {tab === "entries" && <Entries tenant={tenant} />}
      {tab === "proof" && <Proof />}
      {tab === "past" && <PastRights />}
    </Page>
  );
}

function Entries({ tenant }: { tenant: string }) {
  const [search, setSearch] = useUrlState();
  const filtering = Object.keys(NOTHING).some((name) => search[name]);
  return (
    <>
      <Filters tenant={tenant} search={search} setSearch={setSearch} filtering={filtering} />
      <EntriesTable
        tenant={tenant}
        filters={filtersOf(search)}
        empty={filtering ? "No entry matches" : "Nothing has been changed yet"}
        onPair={(key, value) => setSearch({ details: withPair(search.details, key, value) })}
      />
    </>
  );
}

interface FiltersProps {
  tenant: string;
  search: Search;
  setSearch: (change: Record<string, string | undefined>) => void;
  filtering: boolean;
}

function Filters({ tenant, search, setSearch, filtering }: FiltersProps) {
  return (
    <FilterBar onClear={filtering ? () => setSearch(NOTHING) : undefined}>
      <SearchFilter label="Search entries" value={search.q} onChange={(q) => setSearch({ q })} />
      <Choice
        name="Kind of thing"
        all="All kinds"
        of={RESOURCES}
        value={search.resources}
        onChange={(resources) => setSearch({ resources })}
      />
      <Choice
        name="Action"
        all="All actions"
        of={ACTIONS}
        value={search.action}
        onChange={(action) => setSearch({ action })}
      />
      <TextFilter label="Actor" value={search.actor} onChange={(actor) => setSearch({ actor })} />
      <NamespaceFilter value={search.namespace} onChange={(namespace) => setSearch({ namespace })} />
      <TagsInput
        size="xs"
        aria-label="Details, each as key:value"
        placeholder={search.details ? undefined : "Details, key:value"}
        value={search.details ? search.details.split(",") : []}
        onChange={(pairs) =>
          setSearch({ details: pairs.filter((pair) => pair.includes(":")).join(",") || undefined })
        }
        splitChars={[",", " "]}
        miw={150}
      />
      <Moment label="From" value={search.from} onChange={(from) => setSearch({ from })} />
      <Moment label="Until" value={search.until} onChange={(until) => setSearch({ until })} />
      <SavedFilters tenant={tenant} search={search} filtering={filtering} onSearch={setSearch} />
      <Menu position="bottom-end">
        <Menu.Target>
          <Button size="xs" variant="default" leftSection={<IconDownload size={14} />}>
            Export
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => saveAddress(exportAddress(tenant, search, "csv"), "auditlogs.csv")}>
            CSV, for a spreadsheet
          </Menu.Item>
          <Menu.Item onClick={() => saveAddress(exportAddress(tenant, search, "ndjson"), "auditlogs.ndjson")}>
            NDJSON, for the verifier
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </FilterBar>
  );
}

interface ChoiceProps {
  name: string;
  all: string;
  of: string[];
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

function Choice({ name, all, of, value, onChange }: ChoiceProps) {
  return (
    <Select
      size="xs"
      aria-label={name}
      placeholder={all}
      data={of.map((each) => ({ value: each, label: words(each) }))}
      value={value ?? null}
      onChange={(next) => onChange(next ?? undefined)}
      searchable
      clearable
      w={140}
    />
  );
}

/** A moment as this machine's clock shows it; the address holds it with its offset. */
function Moment({ label, value, onChange }: { label: string } & Pick<ChoiceProps, "value" | "onChange">) {
  return (
    <TextInput
      size="xs"
      type="datetime-local"
      aria-label={label}
      title={label}
      value={localOf(value ?? "").slice(0, 16)}
      onChange={(event) => onChange(instantOf(event.currentTarget.value))}
    />
  );
}
