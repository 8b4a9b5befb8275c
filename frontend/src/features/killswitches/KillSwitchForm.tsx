/** Says what a kill switch does, how far it reaches and when. */
import { Select, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import type { KillSwitch } from "@/api/types";
import { findTenants, tenantsKey } from "@/features/tenants/queries";
import { DialogForm } from "@/kit/DialogForm";
import { MomentField } from "@/kit/MomentField";
import { Picker } from "@/kit/Picker";
import type { Draft } from "./queries";
import { EFFECTS, REACHES, type Reach, reachOf, scopeFor } from "./scope";

interface KillSwitchFormProps {
  /** The switch that is changed; without one a new one is made. */
  of?: KillSwitch;
  send: (draft: Draft) => Promise<unknown>;
  onClose: () => void;
}

export function KillSwitchForm({ of, send, onClose }: KillSwitchFormProps) {
  const [draft, setDraft] = useState<Draft>(
    () => of ?? { name: "", evaluationType: "KILL", startDate: new Date().toISOString(), enabled: true },
  );
  const [reach, setReach] = useState<Reach>(of ? reachOf(of) : "Namespace");
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const submit = () => {
    const { name, description, evaluationType, startDate, endDate, enabled } = draft;
    const said = { name, description, evaluationType, startDate, endDate: endDate || undefined, enabled };
    return send({ ...said, ...scopeFor(reach, draft) });
  };
  return (
    <DialogForm verb={of ? "Save" : "Throw the switch"} send={submit} onClose={onClose}>
      <TextInput
        label="Name"
        placeholder="Payments outage"
        required
        data-autofocus
        value={draft.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <Select
        label="Effect"
        allowDeselect={false}
        data={Object.entries(EFFECTS).map(([value, label]) => ({ value, label }))}
        value={draft.evaluationType}
        onChange={(value) => change({ evaluationType: value as Draft["evaluationType"] })}
      />
      <Select
        label="Reaches"
        allowDeselect={false}
        data={[...REACHES]}
        value={reach}
        onChange={(value) => setReach(value as Reach)}
      />
      <ScopeFields reach={reach} draft={draft} change={change} />
      <Textarea
        label="Reason"
        description="Shown to everybody it concerns."
        autosize
        minRows={2}
        value={draft.description ?? ""}
        onChange={(event) => change({ description: event.currentTarget.value || undefined })}
      />
      <MomentField
        label="From"
        required
        value={draft.startDate}
        onChange={(startDate) => change({ startDate })}
      />
      <MomentField
        label="Until"
        description="Empty: until it is lifted."
        value={draft.endDate ?? ""}
        onChange={(endDate) => change({ endDate: endDate || undefined })}
      />
    </DialogForm>
  );
}

interface ScopeFieldsProps {
  reach: Reach;
  draft: Draft;
  change: (part: Partial<Draft>) => void;
}

function ScopeFields({ reach, draft, change }: ScopeFieldsProps) {
  if (reach === "Instance") return null;
  const { tenantId, namespace, flowId, executionIds } = draft;
  return (
    <>
      <Picker
        label="Tenant"
        required
        queryKey={tenantsKey}
        find={findTenants}
        value={tenantId ? { value: tenantId, label: tenantId } : undefined}
        onChange={(choice) => change({ tenantId: choice?.value })}
      />
      {(reach === "Namespace" || reach === "Flow") && (
        <TextInput
          label="Namespace"
          description={reach === "Namespace" ? "With everything below it." : undefined}
          required
          value={namespace ?? ""}
          onChange={(event) => change({ namespace: event.currentTarget.value || undefined })}
        />
      )}
      {reach === "Flow" && (
        <TextInput
          label="Flow"
          required
          value={flowId ?? ""}
          onChange={(event) => change({ flowId: event.currentTarget.value || undefined })}
        />
      )}
      {reach === "Executions" && (
        <TagsInput
          label="Executions"
          description="Ids; Enter after each."
          required={!executionIds?.length}
          value={executionIds ?? []}
          onChange={(ids) => change({ executionIds: ids })}
        />
      )}
    </>
  );
}
