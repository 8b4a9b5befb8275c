/** One flow: what it is, its text, its past, its shape, and what it ran. */
import { Button, Menu } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconDotsVertical,
  IconDownload,
  IconPlayerPlayFilled,
  IconToggleLeft,
  IconTrash,
} from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { to } from "@/addresses";
import type { FlowWithSource } from "@/api/types";
import { usePrefetchSchema } from "@/features/editor/schemaQuery";
import { ExecutionsList } from "@/features/executions/ExecutionsList";
import { ExecuteDialog } from "@/features/inputs/ExecuteDialog";
import { confirm } from "@/kit/confirm";
import { saveBlob } from "@/kit/download";
import { Labels } from "@/kit/Labels";
import { NavTabs } from "@/kit/NavTabs";
import { Failure, RowsLoading } from "@/kit/Notices";
import { done, failed } from "@/kit/notify";
import { Page } from "@/kit/Page";
import { useShortcut } from "@/kit/shortcuts";
import { useParam, useTenant, useUrlState } from "@/url";
import { FlowOverview } from "./FlowOverview";
import { changeFlows, deleteFlow, flowGraphQuery, flowQuery } from "./queries";

const EditFlow = lazy(() => import("./EditFlow").then((module) => ({ default: module.EditFlow })));
const Revisions = lazy(() => import("./Revisions").then((module) => ({ default: module.Revisions })));
const FlowDependencies = lazy(() =>
  import("@/features/dependencies/FlowDependencies").then((module) => ({ default: module.FlowDependencies })),
);
const History = lazy(() =>
  import("@/features/audit/History").then((module) => ({ default: module.History })),
);
const FlowMetrics = lazy(() =>
  import("@/features/metrics/FlowMetrics").then((module) => ({ default: module.FlowMetrics })),
);
const Topology = lazy(() =>
  import("@/features/topology/Topology").then((module) => ({ default: module.Topology })),
);

const TABS = [
  "overview",
  "edit",
  "revisions",
  "topology",
  "executions",
  "metrics",
  "dependencies",
  "history",
] as const;
type TabId = (typeof TABS)[number];
const NAMES: Record<TabId, string> = {
  overview: "Overview",
  edit: "Edit",
  revisions: "Revisions",
  topology: "Topology",
  executions: "Executions",
  metrics: "Metrics",
  dependencies: "Dependencies",
  history: "History",
};

export function FlowPage() {
  const tenant = useTenant();
  const namespace = useParam("namespace");
  const id = useParam("flowId");
  const wanted = useParam("tab");
  const tab = TABS.find((one) => one === wanted) ?? "overview";
  const query = useQuery(flowQuery(tenant, { namespace, id }));
  const [executing, dialog] = useDisclosure();
  usePrefetchSchema();
  useShortcut("e", "Execute this flow", dialog.open, query.isSuccess);
  if (query.isError && !query.data) return <Failure error={query.error} onRetry={query.refetch} />;
  const flow = query.data;
  if (!flow) return <RowsLoading rows={10} />;
  return (
    <Page
      name={id}
      title={id}
      fill={tab !== "overview"}
      aside={
        <>
          <span>revision {flow.revision}</span>
          <Labels labels={flow.labels as Record<string, unknown> | undefined} limit={4} />
          {flow.disabled && <span style={{ color: "var(--warn-fg)" }}>disabled</span>}
        </>
      }
      actions={
        <>
          <FlowMenu flow={flow} />
          <Button
            leftSection={<IconPlayerPlayFilled size={13} />}
            onClick={dialog.open}
            disabled={flow.disabled}
            title={flow.disabled ? "A disabled flow cannot be executed" : undefined}
          >
            Execute
          </Button>
        </>
      }
      tabs={
        <NavTabs
          label="Parts of the flow"
          current={tab}
          tabs={TABS.map((one) => ({ id: one, label: NAMES[one], to: to.flow(tenant, namespace, id, one) }))}
        />
      }
    >
      <Suspense fallback={<RowsLoading rows={12} />}>
        <TabContent tab={tab} flow={flow} />
      </Suspense>
      <ExecuteDialog flow={flow} opened={executing} onClose={dialog.close} />
    </Page>
  );
}

function TabContent({ tab, flow }: { tab: TabId; flow: FlowWithSource }) {
  if (tab === "edit") return <EditFlow key={`${flow.namespace}/${flow.id}`} flow={flow} />;
  if (tab === "revisions") return <Revisions flow={flow} />;
  if (tab === "topology") return <FlowTopology flow={flow} />;
  if (tab === "metrics") return <FlowMetrics flow={flow} />;
  if (tab === "dependencies") return <FlowDependencies flow={flow} />;
  if (tab === "executions") return <FlowExecutions flow={flow} />;
  if (tab === "history")
    return <History resource="FLOW" namespace={flow.namespace} details={{ flowId: flow.id }} />;
  return <FlowOverview flow={flow} />;
}

function FlowTopology({ flow }: { flow: FlowWithSource }) {
  const tenant = useTenant();
  const graph = useQuery(flowGraphQuery(tenant, flow));
  if (graph.isError) return <Failure error={graph.error} onRetry={graph.refetch} />;
  return graph.data ? <Topology graph={graph.data} /> : <RowsLoading rows={8} />;
}

function FlowExecutions({ flow }: { flow: FlowWithSource }) {
  const [search, setSearch] = useUrlState();
  return (
    <ExecutionsList
      search={search}
      onSearch={setSearch}
      flow={{ namespace: flow.namespace, flowId: flow.id }}
    />
  );
}

function FlowMenu({ flow }: { flow: FlowWithSource }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const navigate = useNavigate();
  const verb = flow.disabled ? "enable" : "disable";

  async function toggle() {
    try {
      await changeFlows(tenant, verb, [flow]);
      await client.invalidateQueries({ queryKey: [tenant, "flow", flow.namespace, flow.id] });
      done(`${flow.id} ${verb}d`);
    } catch (error) {
      failed(error);
    }
  }

  const askDelete = () =>
    confirm({
      title: "Delete flow",
      name: flow.id,
      text: "Its revisions and executions stay readable; nothing starts it any more.",
      verb: "Delete",
      typed: true,
      run: async () => {
        await deleteFlow(tenant, flow);
        await navigate({ to: to.flows(tenant) });
        client.invalidateQueries({ queryKey: [tenant, "flows"] });
        done(`${flow.id} deleted`);
      },
    });

  return (
    <Menu>
      <Menu.Target>
        <Button variant="default" px={7} aria-label="More actions">
          <IconDotsVertical size={15} />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconDownload size={14} />}
          onClick={() => saveBlob(new Blob([flow.source ?? ""], { type: "text/yaml" }), `${flow.id}.yaml`)}
        >
          Download YAML
        </Menu.Item>
        <Menu.Item leftSection={<IconToggleLeft size={14} />} onClick={toggle}>
          {flow.disabled ? "Enable" : "Disable"}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item color="red" leftSection={<IconTrash size={14} />} onClick={askDelete}>
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
