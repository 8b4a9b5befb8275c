/** What is announced, to whom and when. */
import { Select, Textarea } from "@mantine/core";
import { useState } from "react";
import type { Banner } from "@/api/types";
import { findTenants, tenantsKey } from "@/features/tenants/queries";
import { DialogForm } from "@/kit/DialogForm";
import { MomentField } from "@/kit/MomentField";
import { Picker } from "@/kit/Picker";
import type { Draft } from "./queries";

const TYPES = { INFO: "Information", WARNING: "Warning", ERROR: "Error" };

interface AnnouncementFormProps {
  /** The one that is changed; without one a new one is made. */
  of?: Banner;
  send: (draft: Draft) => Promise<unknown>;
  onClose: () => void;
}

export function AnnouncementForm({ of, send, onClose }: AnnouncementFormProps) {
  const [draft, setDraft] = useState<Draft>(of ?? { message: "", type: "INFO", active: true });
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  return (
    <DialogForm verb={of ? "Save" : "Announce"} send={() => send(draft)} onClose={onClose}>
      <Textarea
        label="Message"
        required
        data-autofocus
        autosize
        minRows={2}
        value={draft.message}
        onChange={(event) => change({ message: event.currentTarget.value })}
      />
      <Select
        label="Type"
        allowDeselect={false}
        data={Object.entries(TYPES).map(([value, label]) => ({ value, label }))}
        value={draft.type}
        onChange={(type) => change({ type: type as Draft["type"] })}
      />
      <Picker
        label="Tenant"
        description="Empty: everybody, before they sign in as well."
        queryKey={tenantsKey}
        find={findTenants}
        value={draft.tenantId ? { value: draft.tenantId, label: draft.tenantId } : undefined}
        onChange={(choice) => change({ tenantId: choice?.value })}
      />
      <MomentField
        label="From"
        description="Empty: now."
        value={draft.startDate ?? ""}
        onChange={(startDate) => change({ startDate: startDate || undefined })}
      />
      <MomentField
        label="Until"
        description="Empty: until it is deleted."
        value={draft.endDate ?? ""}
        onChange={(endDate) => change({ endDate: endDate || undefined })}
      />
    </DialogForm>
  );
}
