/** Search over everything, by keyboard: pages, flows, executions, namespaces. */

import { useDebouncedValue } from "@mantine/hooks";
import { Spotlight } from "@mantine/spotlight";
import {
  IconBinaryTree2,
  IconBolt,
  IconFolder,
  IconLayoutDashboard,
  IconPlayerPlay,
  IconSearch,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useRef, useState } from "react";
import { to } from "@/addresses";
import { api, call } from "@/api/client";
import { filtered } from "@/api/query";
import type { ExecutionRow, Flow } from "@/api/types";
import { Keys, useActions } from "@/kit/shortcuts";
import type { PageOf } from "@/kit/usePages";
import { useTenant } from "@/url";

interface Hit {
  id: string;
  label: string;
  description?: string;
  icon: ReactNode;
  to: string;
}

export function Palette() {
  const [text, setText] = useState("");
  const tenant = useTenant();
  const navigate = useNavigate();
  // Done once the palette is gone, which gives the focus back to where it was.
  const chosen = useRef<() => void>(undefined);
  const found = useHits(tenant, text.trim());
  const groups = [{ label: "Pages", hits: pageHits(tenant, text) }, ...found.groups];
  const actions = useActions().filter(({ does }) => matches(does, text));
  const nothing = actions.length === 0 && groups.every(({ hits }) => hits.length === 0);

  return (
    <Spotlight.Root
      query={text}
      onQueryChange={setText}
      shortcut={["mod + K"]}
      scrollable
      onExitTransitionEnd={() => {
        chosen.current?.();
        chosen.current = undefined;
      }}
      maxHeight={420}
      attributes={{ content: { "aria-label": "Search everything" } }}
    >
      <Spotlight.Search
        placeholder="Search flows, executions, namespaces and pages"
        leftSection={<IconSearch size={16} />}
        aria-label="Search everything"
      />
      <Spotlight.ActionsList>
        {actions.length > 0 && (
          <Spotlight.ActionsGroup label="On this page">
            {actions.map(({ keys, does, run }) => (
              <Spotlight.Action
                key={keys + does}
                label={does}
                leftSection={<IconBolt size={16} />}
                rightSection={<Keys keys={keys} />}
                onClick={() => {
                  chosen.current = run;
                }}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {groups.map(
          ({ label, hits }) =>
            hits.length > 0 && (
              <Spotlight.ActionsGroup key={label} label={label}>
                {hits.map((hit) => (
                  <Spotlight.Action
                    key={hit.id}
                    label={hit.label}
                    description={hit.description}
                    leftSection={hit.icon}
                    onClick={() => navigate({ to: hit.to })}
                  />
                ))}
              </Spotlight.ActionsGroup>
            ),
        )}
        {nothing && <Spotlight.Empty>{found.busy ? "Searching…" : "Nothing found"}</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

function matches(label: string, text: string): boolean {
  return label.toLowerCase().includes(text.trim().toLowerCase());
}

function pageHits(tenant: string, text: string): Hit[] {
  const pages: [string, string][] = [
    ["Overview", to.overview(tenant)],
    ["Flows", to.flows(tenant)],
    ["Create a flow", to.newFlow(tenant)],
    ["Executions", to.executions(tenant)],
    ["Triggers", to.triggers(tenant)],
    ["Concurrency", to.concurrency(tenant)],
    ["Logs", to.logs(tenant)],
    ["Namespaces", to.namespaces(tenant)],
    ["Credentials", to.credentials(tenant)],
    ["Members", to.access(tenant, "members")],
    ["Groups", to.access(tenant, "groups")],
    ["Service accounts", to.access(tenant, "accounts")],
    ["Integrations", to.access(tenant, "integrations")],
    ["Roles", to.access(tenant, "roles")],
    ["Bindings", to.access(tenant, "bindings")],
    ["Invitations", to.access(tenant, "invitations")],
    ["Why may somebody do something?", to.access(tenant, "why")],
    ["Policies", to.governance(tenant)],
    ["Quotas", to.governance(tenant, "quotas")],
    ["Audit log", to.audit(tenant)],
    ["Instance", to.instance(tenant)],
    ["Profile and API tokens", to.profile(tenant)],
  ];
  return pages
    .filter(([label]) => matches(label, text))
    .map(([label, address]) => ({
      id: address,
      label,
      to: address,
      icon: <IconLayoutDashboard size={16} />,
    }));
}

function useHits(tenant: string, typed: string) {
  const [text] = useDebouncedValue(typed, 180);
  const query = useQuery({
    queryKey: [tenant, "palette", text],
    queryFn: () => search(tenant, text),
    enabled: text.length > 1,
    placeholderData: (before) => before,
    staleTime: 10_000,
  });
  return { groups: text.length > 1 ? (query.data ?? []) : [], busy: query.isFetching };
}

async function search(tenant: string, text: string) {
  const query = { page: 1, size: 6, filters: filtered([{ field: "q", operation: "EQUALS", value: text }]) };
  const path = { tenant };
  const [flows, executions, namespaces] = await Promise.all([
    call<PageOf<Flow>>(api.GET("/api/v1/{tenant}/flows/search", { params: { path, query } })),
    call<PageOf<ExecutionRow>>(api.GET("/api/v1/{tenant}/executions/search", { params: { path, query } })),
    call<string[]>(
      api.POST("/api/v1/{tenant}/namespaces/autocomplete", { params: { path }, body: { q: text } }),
    ),
  ]);
  return [
    { label: "Flows", hits: flows.results.map((flow) => flowHit(tenant, flow)) },
    { label: "Executions", hits: executions.results.map((execution) => executionHit(tenant, execution)) },
    { label: "Namespaces", hits: namespaces.slice(0, 6).map((id) => namespaceHit(tenant, id)) },
  ];
}

function flowHit(tenant: string, { namespace, id }: { namespace: string; id: string }): Hit {
  const address = to.flow(tenant, namespace, id);
  return { id: address, label: id, description: namespace, to: address, icon: <IconBinaryTree2 size={16} /> };
}

function executionHit(tenant: string, execution: { id: string; namespace: string; flowId: string }): Hit {
  const { id, namespace, flowId } = execution;
  const icon = <IconPlayerPlay size={16} />;
  return { id, label: id, description: `${namespace} / ${flowId}`, to: to.execution(tenant, id), icon };
}

function namespaceHit(tenant: string, id: string): Hit {
  return { id: `namespace ${id}`, label: id, to: to.namespace(tenant, id), icon: <IconFolder size={16} /> };
}
