/** All triggers of the tenant: how each stands, when it fired and fires, and why it does not. */
import { ActionIcon, Button, Menu, Modal, Progress, Select, Tooltip, VisuallyHidden } from "@mantine/core";
import { IconCalendarRepeat, IconDotsVertical, IconDownload, IconWebhook } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { to } from "@/addresses";
import type { TriggerRow } from "@/api/types";
import { confirm } from "@/kit/confirm";
import { type Column, DataTable } from "@/kit/DataTable";
import { FilterBar, NamespaceFilter, SearchFilter } from "@/kit/Filters";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { Page } from "@/kit/Page";
import { SelectionBar } from "@/kit/SelectionBar";
import { Tag } from "@/kit/Tag";
import { usePages } from "@/kit/usePages";
import { When } from "@/kit/When";
import { useTenant, useUrlState } from "@/url";
import { BackfillDialog } from "./BackfillDialog";
import { act, fetchTriggers, keyOfTrigger, nameOf, TOLD, triggersKey, VERBS, type Verb } from "./queries";
import { progressOf, recoveredText, standingOf } from "./standing";
import classes from "./TriggersPage.module.css";
import { WebhookDialog } from "./WebhookDialog";

const WEBHOOK = "io.kestra.plugin.core.trigger.Webhook";
const LOOKS_AGAIN = 5_000;

export function TriggersPage() {
  const tenant = useTenant();
  const [search, setSearch] = useUrlState();
  const filtering = Boolean(search.q || search.namespace || search.state);
  const list = usePages({
    queryKey: [...triggersKey(tenant), search],
    fetchPage: (page) => fetchTriggers(tenant, search, page),
    keyOf: keyOfTrigger,
    refetchInterval: LOOKS_AGAIN,
  });
  const { query, rows, total } = list;
  const none = query.isSuccess && rows.length === 0 && !query.isPlaceholderData;
  return (
    <Page
      name="Triggers"
      title="Triggers"
      fill
      aside={query.isSuccess && <span className="numbers">{total}</span>}
      actions={
        <Button
          component="a"
          href={`/api/v1/${encodeURIComponent(tenant)}/triggers/export/by-query/csv`}
          download="triggers.csv"
          variant="default"
          leftSection={<IconDownload size={14} />}
        >
          Export CSV
        </Button>
      }
    >
      {(filtering || !none) && (
        <FilterBar
          onClear={
            filtering ? () => setSearch({ q: undefined, namespace: undefined, state: undefined }) : undefined
          }
        >
          <SearchFilter label="Search triggers" value={search.q} onChange={(q) => setSearch({ q })} />
          <NamespaceFilter value={search.namespace} onChange={(namespace) => setSearch({ namespace })} />
          <Select
            aria-label="State"
            placeholder="State"
            clearable
            data={[
              { value: "ENABLED", label: "Enabled" },
              { value: "DISABLED", label: "Disabled" },
            ]}
            value={search.state ?? null}
            onChange={(state) => setSearch({ state: state ?? undefined })}
          />
        </FilterBar>
      )}
      {query.isPending && <RowsLoading rows={10} height={48} />}
      {query.isError && <Failure error={query.error} onRetry={query.refetch} />}
      {none && (
        <Empty
          icon={IconCalendarRepeat}
          title={filtering ? "No trigger matches" : "No flow has a trigger yet"}
        >
          {filtering
            ? "Try fewer filters, or another word."
            : "Add one to a flow, and it starts by the clock, by a request, or after other flows."}
        </Empty>
      )}
      {rows.length > 0 && <TriggerList {...list} sort={search.sort} onSort={(sort) => setSearch({ sort })} />}
    </Page>
  );
}

interface TriggerListProps {
  rows: TriggerRow[];
  total: number;
  onEnd: () => void;
  sort?: string;
  onSort: (sort: string) => void;
}

function TriggerList({ rows, total, onEnd, sort, onSort }: TriggerListProps) {
  const tenant = useTenant();
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [filling, setFilling] = useState<TriggerRow>();
  const [calling, setCalling] = useState<TriggerRow>();
  const ask = useAsking(tenant, () => setSelected(new Set()));
  const chosen = rows.filter((row) => selected.has(keyOfTrigger(row)));
  const columns = useColumns(tenant, { ask, onBackfill: setFilling, onWebhook: setCalling });
  return (
    <>
      <SelectionBar count={chosen.length} onClear={() => setSelected(new Set())}>
        {VERBS.map((verb) => (
          <Button
            key={verb}
            variant={verb === "reset" ? "light" : "default"}
            color={verb === "reset" ? "red" : undefined}
            onClick={() => ask(verb, chosen)}
          >
            {labelOf(verb)}
          </Button>
        ))}
      </SelectionBar>
      <DataTable
        label="Triggers"
        columns={columns}
        rows={rows}
        rowKey={keyOfTrigger}
        rowName={({ state }) => state.triggerId}
        selection={{ selected, onChange: setSelected }}
        sort={sort ?? "id:asc"}
        onSort={onSort}
        onEnd={onEnd}
        total={total}
        rowHeight={52}
      />
      <Modal
        opened={filling !== undefined}
        onClose={() => setFilling(undefined)}
        title={`Backfill ${filling?.state.triggerId ?? ""}`}
      >
        {filling && (
          <BackfillDialog tenant={tenant} name={nameOf(filling)} onClose={() => setFilling(undefined)} />
        )}
      </Modal>
      <Modal
        opened={calling !== undefined}
        onClose={() => setCalling(undefined)}
        title={`Webhook ${calling?.state.triggerId ?? ""}`}
        size="lg"
      >
        {calling && <WebhookDialog tenant={tenant} row={calling} onClose={() => setCalling(undefined)} />}
      </Modal>
    </>
  );
}

const labelOf = (verb: Verb) => verb.charAt(0).toUpperCase() + verb.slice(1);

type Ask = (verb: Verb, rows: TriggerRow[]) => void;

function useAsking(tenant: string, onDone: () => void): Ask {
  const client = useQueryClient();
  return (verb, rows) => {
    const only = rows.length === 1 ? rows[0] : undefined;
    confirm({
      title: only ? `${labelOf(verb)} trigger` : `${labelOf(verb)} ${rows.length} triggers`,
      name: only ? only.state.triggerId : `${rows.length} triggers`,
      text: TOLD[verb],
      verb: labelOf(verb),
      run: async () => {
        const count = await act(tenant, verb, rows.map(nameOf));
        onDone();
        await client.invalidateQueries({ queryKey: triggersKey(tenant) });
        done(`${labelOf(verb)}: ${count} ${count === 1 ? "trigger" : "triggers"}`);
      },
    });
  };
}

interface Doing {
  ask: Ask;
  onBackfill: (row: TriggerRow) => void;
  onWebhook: (row: TriggerRow) => void;
}

function useColumns(tenant: string, { ask, onBackfill, onWebhook }: Doing): Column<TriggerRow>[] {
  return useMemo(
    () => [
      {
        id: "id",
        header: "Trigger",
        width: "minmax(120px, 2fr)",
        sort: "id",
        cell: ({ state }) => (
          <span className={classes.name}>
            <span style={{ fontWeight: 500 }}>{state.triggerId}</span>
            <Link to={to.flow(tenant, state.namespace, state.flowId)} className={classes.flow}>
              {state.namespace}.{state.flowId}
            </Link>
          </span>
        ),
      },
      {
        id: "type",
        header: "Type",
        width: "minmax(80px, 1fr)",
        sort: "type",
        hide: "medium",
        cell: ({ state }) => <span title={state.type}>{state.type.split(".").pop()}</span>,
      },
      {
        id: "state",
        header: "State",
        width: "minmax(140px, 2.2fr)",
        cell: (row) => <StandingOf row={row} />,
      },
      {
        id: "last",
        header: "Last fired",
        width: "110px",
        sort: "lastTriggeredDate",
        hide: "narrow",
        cell: ({ state }) => <When date={state.lastTriggeredDate} />,
      },
      {
        id: "next",
        header: "Next date",
        width: "110px",
        sort: "nextExecutionDate",
        cell: ({ state }) => <When date={state.nextEvaluationDate} />,
      },
      {
        id: "execution",
        header: "Waits for",
        width: "minmax(90px, 1fr)",
        hide: "medium",
        cell: ({ state }) =>
          state.executionId ? (
            <Link to={to.execution(tenant, state.executionId)} className="link mono">
              {state.executionId.slice(0, 8)}
            </Link>
          ) : null,
      },
      {
        id: "menu",
        header: <VisuallyHidden>Actions</VisuallyHidden>,
        width: "44px",
        cell: (row) => <RowMenu row={row} ask={ask} onBackfill={onBackfill} onWebhook={onWebhook} />,
      },
    ],
    [tenant, ask, onBackfill, onWebhook],
  );
}

function StandingOf({ row: { state } }: { row: TriggerRow }) {
  const { word, tone, why } = standingOf(state);
  const more = why ?? recoveredText(state);
  const progress = state.backfill ? progressOf(state.backfill) : undefined;
  return (
    <span className={classes.standing}>
      <span>
        <Tag tone={tone}>{word}</Tag>
        {progress !== undefined && <span className="numbers"> {progress} %</span>}
      </span>
      {progress !== undefined && (
        <Progress value={progress} size="xs" aria-label="Progress of the backfill" />
      )}
      {more && progress === undefined && (
        <Tooltip label={more} multiline maw={420}>
          <span className={classes.why}>{more}</span>
        </Tooltip>
      )}
    </span>
  );
}

function RowMenu({ row, ask, onBackfill, onWebhook }: Doing & { row: TriggerRow }) {
  const { state } = row;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions of ${state.triggerId}`}>
          <IconDotsVertical size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {state.type === WEBHOOK && (
          <Menu.Item leftSection={<IconWebhook size={14} />} onClick={() => onWebhook(row)}>
            Address and test
          </Menu.Item>
        )}
        {state.kind === "SCHEDULE" && !state.backfill && (
          <Menu.Item leftSection={<IconCalendarRepeat size={14} />} onClick={() => onBackfill(row)}>
            Backfill
          </Menu.Item>
        )}
        {VERBS.filter((verb) => fits(verb, row)).map((verb) => (
          <Menu.Item key={verb} color={verb === "reset" ? "red" : undefined} onClick={() => ask(verb, [row])}>
            {labelOf(verb)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Whether an act can do something to it. */
function fits(verb: Verb, { state }: TriggerRow): boolean {
  const { backfill } = state;
  switch (verb) {
    case "enable":
      return state.disabled && !state.disabledInFlow;
    case "disable":
      return !state.disabled;
    case "unlock":
      return state.locked;
    case "restart":
      return !state.disabled && !state.disabledInFlow;
    case "pause backfill":
      return backfill !== undefined && !backfill.paused;
    case "resume backfill":
      return backfill?.paused ?? false;
    case "delete backfill":
      return backfill !== undefined;
    case "reset":
      return true;
  }
}
