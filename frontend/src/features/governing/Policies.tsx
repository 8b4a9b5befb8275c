/** The policies of the instance, or those that concern a tenant: what they ask for, and what they would meet. */
import { ActionIcon, Button, Group, Modal, Tooltip } from "@mantine/core";
import { IconEdit, IconGavel, IconPlus, IconReportSearch, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Policy, PolicySummary } from "@/api/types";
import { confirm } from "@/kit/confirm";
import { type Column, DataTable } from "@/kit/DataTable";
import { FilterBar } from "@/kit/Filters";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { done, failed } from "@/kit/notify";
import type { Tone } from "@/kit/states";
import { Tag } from "@/kit/Tag";
import { PolicyForm } from "./PolicyForm";
import { PolicyReport } from "./PolicyReport";
import { deletePolicy, type Place, policiesKey, policiesQuery, readPolicy, savePolicy } from "./queries";

const TONES: Record<PolicySummary["enforcement"], Tone> = {
  ACTIVE: "good",
  EVALUATE: "wait",
  REFERENCE: "busy",
  DISABLED: "calm",
};

interface Editing {
  /** Absent: a new one. */
  of?: Policy;
  namespace: string;
}

export function Policies({ place }: { place: Place }) {
  const client = useQueryClient();
  const policies = useQuery(policiesQuery(place));
  const [editing, setEditing] = useState<Editing>();
  const [reported, setReported] = useState<PolicySummary>();
  const close = () => setEditing(undefined);
  const refresh = () => client.invalidateQueries({ queryKey: policiesKey(place) });

  async function send(policy: Policy, namespace: string) {
    await savePolicy(place, namespace, policy, editing?.of === undefined);
    await refresh();
    done(`Policy ${policy.id} saved`);
    close();
  }

  async function edit(policy: PolicySummary) {
    try {
      setEditing({ of: await readPolicy(place, policy), namespace: policy.namespace ?? "" });
    } catch (error) {
      failed(error);
    }
  }

  if (policies.isError) return <Failure error={policies.error} onRetry={policies.refetch} />;
  const rows = policies.data?.results ?? [];
  return (
    <>
      <FilterBar>
        <span style={{ flex: 1 }} />
        <Button leftSection={<IconPlus size={14} />} onClick={() => setEditing({ namespace: "" })}>
          New policy
        </Button>
      </FilterBar>
      {policies.isPending && <RowsLoading rows={4} height={40} />}
      {policies.isSuccess && rows.length === 0 && (
        <Empty icon={IconGavel} title="No policy holds here">
          A policy says which plugins flows may use and what they must be, or changes them before they run.
        </Empty>
      )}
      {rows.length > 0 && (
        <DataTable
          label="Policies"
          columns={columns(place, { edit, report: setReported, refresh })}
          rows={rows}
          rowKey={({ id, scope, namespace }) => `${scope} ${namespace} ${id}`}
          rowName={({ id }) => id}
        />
      )}
      <Modal
        opened={editing !== undefined}
        onClose={close}
        title={editing?.of ? `Change the policy ${editing.of.id}` : "New policy"}
        size="lg"
      >
        {editing && (
          <PolicyForm
            of={editing.of}
            namespace={place === undefined ? undefined : editing.namespace}
            send={(policy, namespace) => send(policy, editing.of ? editing.namespace : namespace)}
            onClose={close}
          />
        )}
      </Modal>
      <Modal
        opened={reported !== undefined}
        onClose={() => setReported(undefined)}
        title={`What ${reported?.id} would meet`}
        size="lg"
      >
        {reported && <PolicyReport place={place} policy={reported} />}
      </Modal>
    </>
  );
}

interface Acts {
  edit: (policy: PolicySummary) => Promise<void>;
  report: (policy: PolicySummary) => void;
  refresh: () => Promise<unknown>;
}

function columns(place: Place, acts: Acts): Column<PolicySummary>[] {
  return [
    {
      id: "name",
      header: "Policy",
      width: "minmax(160px, 2fr)",
      cell: ({ id, displayName, description }) => (
        <Tooltip label={description ?? "No reason given"}>
          <span style={{ fontWeight: 500 }}>{displayName ?? id}</span>
        </Tooltip>
      ),
    },
    { id: "scope", header: "Of", width: "minmax(120px, 2fr)", cell: placeText },
    {
      id: "enforcement",
      header: "Enforcement",
      width: "120px",
      cell: ({ enforcement }) => <Tag tone={TONES[enforcement]}>{enforcement.toLowerCase()}</Tag>,
    },
    {
      id: "rules",
      header: "Rules",
      width: "150px",
      hide: "narrow",
      cell: ({ rules }) => `${rules.mutate} change, ${rules.validate} judge`,
    },
    {
      id: "acts",
      header: "",
      width: "128px",
      align: "end",
      cell: (policy) => <PolicyActs place={place} policy={policy} acts={acts} />,
    },
  ];
}

function placeText({ scope, namespace }: PolicySummary): string {
  if (scope === "NAMESPACE") return namespace ?? "";
  return { STATIC: "the configuration", INSTANCE: "the instance", TENANT: "the tenant" }[scope];
}

function PolicyActs({ place, policy, acts }: { place: Place; policy: PolicySummary; acts: Acts }) {
  const { id, scope } = policy;
  const isOurs = place === undefined ? scope === "INSTANCE" : scope === "TENANT" || scope === "NAMESPACE";
  const ask = () =>
    confirm({
      title: "Delete the policy",
      name: id,
      text: "What it refuses may be saved and run from then on.",
      verb: "Delete",
      run: async () => {
        await deletePolicy(place, policy);
        await acts.refresh();
        done(`Policy ${id} deleted`);
      },
    });
  return (
    <Group gap={2} wrap="nowrap">
      {(isOurs || place === undefined) && (
        <Tooltip label="What would it meet?">
          <ActionIcon variant="subtle" aria-label={`Report of ${id}`} onClick={() => acts.report(policy)}>
            <IconReportSearch size={14} />
          </ActionIcon>
        </Tooltip>
      )}
      {isOurs && (
        <>
          <Tooltip label="Change">
            <ActionIcon variant="subtle" aria-label={`Change ${id}`} onClick={() => acts.edit(policy)}>
              <IconEdit size={14} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Delete">
            <ActionIcon variant="subtle" color="red" aria-label={`Delete ${id}`} onClick={ask}>
              <IconTrash size={14} />
            </ActionIcon>
          </Tooltip>
        </>
      )}
    </Group>
  );
}
