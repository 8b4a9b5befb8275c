/** One namespace: the flows and executions in it and below, and its settings. */
import { Button } from "@mantine/core";
import { IconBinaryTree2, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { to } from "@/addresses";
import { isStatus } from "@/api/errors";
import type { Flow } from "@/api/types";
import { HistorySection } from "@/features/audit/History";
import { ExecutionsList } from "@/features/executions/ExecutionsList";
import { fetchFlows } from "@/features/flows/queries";
import { confirm } from "@/kit/confirm";
import { type Column, DataTable } from "@/kit/DataTable";
import { Labels } from "@/kit/Labels";
import { NavTabs } from "@/kit/NavTabs";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { Page } from "@/kit/Page";
import { usePages } from "@/kit/usePages";
import { useParam, useTenant, useUrlState } from "@/url";
import { NamespaceSettings } from "./NamespaceSettings";
import { deleteNamespace, namespaceQuery } from "./queries";

const NamespaceDependencies = lazy(() =>
  import("@/features/dependencies/FlowDependencies").then((module) => ({
    default: module.NamespaceDependencies,
  })),
);

const Secrets = lazy(() =>
  import("@/features/secrets/Secrets").then((module) => ({ default: module.Secrets })),
);
const Credentials = lazy(() =>
  import("@/features/credentials/Credentials").then((module) => ({ default: module.Credentials })),
);
const Pairs = lazy(() => import("@/features/kv/Pairs").then((module) => ({ default: module.Pairs })));

const NamespaceFiles = lazy(() =>
  import("@/features/namespace-files/NamespaceFiles").then((module) => ({ default: module.NamespaceFiles })),
);

const ReusableInputs = lazy(() =>
  import("@/features/reusable-inputs/ReusableInputs").then((module) => ({ default: module.ReusableInputs })),
);

const TABS = [
  "flows",
  "executions",
  "dependencies",
  "files",
  "inputs",
  "secrets",
  "credentials",
  "kv",
  "settings",
] as const;
const NAMES: Record<(typeof TABS)[number], string> = {
  flows: "Flows",
  executions: "Executions",
  dependencies: "Dependencies",
  files: "Files",
  inputs: "Inputs",
  secrets: "Secrets",
  credentials: "Credentials",
  kv: "Key-value",
  settings: "Settings",
};

export function NamespacePage() {
  const tenant = useTenant();
  const id = useParam("namespace");
  const wanted = useParam("tab");
  const tab = TABS.find((one) => one === wanted) ?? "flows";
  const query = useQuery(namespaceQuery(tenant, id));
  const implied = isStatus(query.error, 404);
  if (query.isError && !implied) return <Failure error={query.error} onRetry={query.refetch} />;
  return (
    <Page
      name={id}
      title={id}
      fill={tab !== "settings"}
      aside={query.data?.description}
      actions={query.data && <DeleteButton tenant={tenant} id={id} />}
      tabs={
        <NavTabs
          label="Parts of the namespace"
          current={tab}
          tabs={TABS.map((one) => ({
            id: one,
            label: NAMES[one],
            to: to.namespace(tenant, id, one),
          }))}
        />
      }
    >
      {tab === "flows" && <FlowsBelow tenant={tenant} id={id} />}
      {tab === "executions" && <ExecutionsBelow id={id} />}
      <Suspense fallback={<RowsLoading rows={8} />}>
        {tab === "dependencies" && <NamespaceDependencies namespace={id} />}
        {tab === "files" && <NamespaceFiles key={id} namespace={id} />}
        {tab === "inputs" && <ReusableInputs key={id} namespace={id} />}
        {tab === "secrets" && (
          <>
            <Secrets namespace={id} />
            <HistorySection resource="SECRET" namespace={id} />
          </>
        )}
        {tab === "credentials" && (
          <>
            <Credentials namespace={id} />
            <HistorySection resource="CREDENTIAL" namespace={id} />
          </>
        )}
        {tab === "kv" && <Pairs namespace={id} />}
      </Suspense>
      {tab === "settings" &&
        (query.isPending ? (
          <RowsLoading rows={4} />
        ) : (
          <NamespaceSettings key={query.data?.id} id={id} namespace={query.data} />
        ))}
    </Page>
  );
}

const keyOf = ({ namespace, id }: Flow) => `${namespace}/${id}`;

function FlowsBelow({ tenant, id }: { tenant: string; id: string }) {
  const { query, rows, total, onEnd } = usePages({
    queryKey: [tenant, "flows", { namespace: id }],
    fetchPage: (page) => fetchFlows(tenant, { namespace: id }, page),
    keyOf,
  });
  if (query.isPending) return <RowsLoading rows={6} height={40} />;
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  if (rows.length === 0) {
    return (
      <Empty
        icon={IconBinaryTree2}
        title="No flow in this namespace"
        actions={
          <Button component={Link} to={to.newFlow(tenant)}>
            Create flow
          </Button>
        }
      >
        A flow belongs here when its <code>namespace</code> says {id}, or something below it.
      </Empty>
    );
  }
  return (
    <DataTable
      label="Flows"
      columns={columns(tenant)}
      rows={rows}
      rowKey={keyOf}
      rowName={(flow) => flow.id}
      rowTo={(flow) => to.flow(tenant, flow.namespace, flow.id)}
      onEnd={onEnd}
      total={total}
    />
  );
}

function ExecutionsBelow({ id }: { id: string }) {
  const [search, setSearch] = useUrlState();
  return <ExecutionsList search={{ ...search, namespace: search.namespace ?? id }} onSearch={setSearch} />;
}

function columns(tenant: string): Column<Flow>[] {
  return [
    {
      id: "id",
      header: "Flow",
      width: "minmax(140px, 2fr)",
      cell: (flow) => (
        <Link to={to.flow(tenant, flow.namespace, flow.id)} className="link" style={{ fontWeight: 500 }}>
          {flow.id}
        </Link>
      ),
    },
    { id: "namespace", header: "Namespace", width: "minmax(120px, 2fr)", cell: ({ namespace }) => namespace },
    {
      id: "labels",
      header: "Labels",
      width: "minmax(120px, 2fr)",
      hide: "narrow",
      cell: ({ labels }) => (
        <Labels labels={labels as Record<string, unknown> | undefined} limit={3} oneLine />
      ),
    },
  ];
}

function DeleteButton({ tenant, id }: { tenant: string; id: string }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const ask = () =>
    confirm({
      title: "Delete namespace",
      name: id,
      text: "Its settings, secrets and grants are removed.",
      verb: "Delete",
      typed: true,
      run: async () => {
        await deleteNamespace(tenant, id);
        await navigate({ to: to.namespaces(tenant) });
        client.invalidateQueries({ queryKey: [tenant, "namespaces"] });
        done(`${id} deleted`);
      },
    });
  return (
    <Button variant="default" leftSection={<IconTrash size={14} />} onClick={ask}>
      Delete
    </Button>
  );
}
