/** All flows of the tenant. */
import { Button, FileButton, Menu } from "@mantine/core";
import { IconDotsVertical, IconFileImport, IconPlus, IconSearchOff } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { to } from "@/addresses";
import { isStatus } from "@/api/errors";
import type { Flow } from "@/api/types";
import { latestQuery } from "@/features/executions/queries";
import { confirm } from "@/kit/confirm";
import { type Column, DataTable } from "@/kit/DataTable";
import { saveBlob } from "@/kit/download";
import { FilterBar, LabelsFilter, NamespaceFilter, SearchFilter } from "@/kit/Filters";
import { Labels } from "@/kit/Labels";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { done, failed } from "@/kit/notify";
import { Page } from "@/kit/Page";
import { SelectionBar } from "@/kit/SelectionBar";
import { StateBadge } from "@/kit/StateBadge";
import { usePages } from "@/kit/usePages";
import { When } from "@/kit/When";
import { useTenant, useUrlState } from "@/url";
import { FirstFlow } from "./FirstFlow";
import classes from "./FlowsPage.module.css";
import { type BulkVerb, changeFlows, exportFlows, fetchFlows, importFlows } from "./queries";

export const keyOfFlow = ({ namespace, id }: { namespace: string; id: string }) => `${namespace}/${id}`;

export function FlowsPage() {
  const tenant = useTenant();
  const [search, setSearch] = useUrlState();
  const filtering = Boolean(search.q || search.namespace || search.labels);
  const list = usePages({
    queryKey: [tenant, "flows", search],
    fetchPage: (page) => fetchFlows(tenant, search, page),
    keyOf: keyOfFlow,
  });
  const { query, rows, total } = list;
  const none = query.isSuccess && rows.length === 0 && !query.isPlaceholderData;

  return (
    <Page
      name="Flows"
      title="Flows"
      fill
      aside={query.isSuccess && <span className="numbers">{total}</span>}
      actions={<Actions tenant={tenant} />}
    >
      {(filtering || !none) && (
        <FilterBar
          onClear={
            filtering ? () => setSearch({ q: undefined, namespace: undefined, labels: undefined }) : undefined
          }
        >
          <SearchFilter label="Search flows" value={search.q} onChange={(q) => setSearch({ q })} />
          <NamespaceFilter value={search.namespace} onChange={(namespace) => setSearch({ namespace })} />
          <LabelsFilter value={search.labels} onChange={(labels) => setSearch({ labels })} />
        </FilterBar>
      )}
      {query.isPending && <RowsLoading rows={10} height={40} />}
      {query.isError && <Failure error={query.error} onRetry={query.refetch} />}
      {none && !filtering && <FirstFlow />}
      {none && filtering && (
        <Empty icon={IconSearchOff} title="No flow matches">
          Try fewer filters, or another word: the search looks at ids, namespaces and descriptions.
        </Empty>
      )}
      {rows.length > 0 && <FlowList {...list} sort={search.sort} onSort={(sort) => setSearch({ sort })} />}
    </Page>
  );
}

interface FlowListProps {
  rows: Flow[];
  total: number;
  onEnd: () => void;
  sort?: string;
  onSort: (sort: string) => void;
}

function FlowList({ rows, total, onEnd, sort, onSort }: FlowListProps) {
  const tenant = useTenant();
  const client = useQueryClient();
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const columns = useFlowColumns(tenant, rows);
  const chosen = rows.filter((row) => selected.has(keyOfFlow(row)));

  async function change(verb: BulkVerb) {
    const count = await changeFlows(tenant, verb, chosen);
    setSelected(new Set());
    await client.invalidateQueries({ queryKey: [tenant, "flows"] });
    done(`${count} ${count === 1 ? "flow" : "flows"} ${verb}d`);
  }

  const ask = () =>
    confirm({
      title: chosen.length === 1 ? "Delete flow" : `Delete ${chosen.length} flows`,
      name: chosen.length === 1 && chosen[0] ? chosen[0].id : `${chosen.length} flows`,
      text: "Their revisions and executions stay readable; nothing starts them any more.",
      verb: "Delete",
      typed: true,
      run: () => change("delete"),
    });

  return (
    <>
      <SelectionBar count={chosen.length} onClear={() => setSelected(new Set())}>
        <Button variant="default" onClick={() => change("enable").catch(failed)}>
          Enable
        </Button>
        <Button variant="default" onClick={() => change("disable").catch(failed)}>
          Disable
        </Button>
        <Button
          variant="default"
          onClick={() =>
            exportFlows(tenant, chosen)
              .then((zip) => saveBlob(zip, "flows.zip"))
              .catch(failed)
          }
        >
          Export
        </Button>
        <Button variant="light" color="red" onClick={ask}>
          Delete
        </Button>
      </SelectionBar>
      <DataTable
        label="Flows"
        columns={columns}
        rows={rows}
        rowKey={keyOfFlow}
        rowName={({ id }) => id}
        rowTo={({ namespace, id }) => to.flow(tenant, namespace, id)}
        selection={{ selected, onChange: setSelected }}
        sort={sort ?? "id:asc"}
        onSort={onSort}
        onEnd={onEnd}
        total={total}
      />
    </>
  );
}

function useFlowColumns(tenant: string, rows: Flow[]): Column<Flow>[] {
  const latest = useQuery(latestQuery(tenant, rows));
  const byFlow = useMemo(
    () => new Map(latest.data?.map((last) => [`${last.namespace}/${last.flowId}`, last])),
    [latest.data],
  );
  return useMemo(
    () => [
      {
        id: "id",
        header: "Flow",
        width: "minmax(100px, 2fr)",
        sort: "id",
        cell: (flow) => (
          <>
            <Link to={to.flow(tenant, flow.namespace, flow.id)} className="link" style={{ fontWeight: 500 }}>
              {flow.id}
            </Link>
            {flow.disabled && <span className={classes.disabled}>disabled</span>}
          </>
        ),
      },
      {
        id: "namespace",
        header: "Namespace",
        width: "minmax(72px, 1.4fr)",
        sort: "namespace",
        cell: ({ namespace }) => <span style={{ color: "var(--mantine-color-dimmed)" }}>{namespace}</span>,
      },
      {
        id: "labels",
        header: "Labels",
        width: "minmax(120px, 1.4fr)",
        hide: "medium",
        cell: ({ labels }) => (
          <Labels labels={labels as Record<string, unknown> | undefined} limit={2} oneLine />
        ),
      },
      {
        id: "last",
        header: "Last execution",
        width: "116px",
        cell: (flow) => {
          const last = byFlow.get(keyOfFlow(flow));
          return last?.status ? (
            <Link
              to={to.execution(tenant, last.id ?? "")}
              aria-label={`Last execution of ${flow.id}: ${last.status}`}
            >
              <StateBadge state={last.status} />
            </Link>
          ) : null;
        },
      },
      {
        id: "when",
        header: "Started",
        width: "120px",
        hide: "narrow",
        cell: (flow) => {
          const date = byFlow.get(keyOfFlow(flow))?.startDate;
          return date ? <When date={date} /> : null;
        },
      },
    ],
    [tenant, byFlow],
  );
}

function Actions({ tenant }: { tenant: string }) {
  const client = useQueryClient();

  async function upload(file: File | null) {
    if (!file) return;
    try {
      const names = await importFlows(tenant, file);
      await client.invalidateQueries({ queryKey: [tenant, "flows"] });
      done(names.length > 0 ? `Imported: ${names.join(", ")}` : "Imported");
    } catch (error) {
      failed(error, isStatus(error, 422) ? "The file holds a flow that is not valid" : undefined);
    }
  }

  return (
    <>
      <FileButton onChange={upload} accept=".yml,.yaml,.zip">
        {(props) => (
          <Menu>
            <Menu.Target>
              <Button variant="default" px={7} aria-label="More actions">
                <IconDotsVertical size={15} />
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconFileImport size={14} />} onClick={props.onClick}>
                Import YAML or ZIP
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </FileButton>
      <Button component={Link} to={to.newFlow(tenant)} leftSection={<IconPlus size={14} />}>
        Create flow
      </Button>
    </>
  );
}
