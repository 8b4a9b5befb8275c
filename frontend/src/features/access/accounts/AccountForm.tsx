/** The name of a service account, what it is for, and its groups. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { NameAndPurpose, type Named } from "@/features/tokens/NameAndPurpose";
import { DialogForm } from "@/kit/DialogForm";
import { type Choice, ManyPicker } from "@/kit/Picker";
import { useTenant } from "@/url";
import { findGroups } from "../finding";
import { type AccountDraft, accountsKey } from "./queries";

interface AccountFormProps {
  verb: string;
  known?: { name: string; description: string; groups: Choice[] };
  save: (draft: AccountDraft) => Promise<unknown>;
  onClose: () => void;
}

export function AccountForm({ verb, known, save, onClose }: AccountFormProps) {
  const tenant = useTenant();
  const client = useQueryClient();
  const [named, setNamed] = useState<Named>({
    name: known?.name ?? "",
    description: known?.description ?? "",
  });
  const [groups, setGroups] = useState<Choice[]>(known?.groups ?? []);
  async function send() {
    await save({ ...named, groups: groups.map(({ value }) => ({ id: value })) });
    await client.invalidateQueries({ queryKey: accountsKey(tenant) });
    onClose();
  }
  return (
    <DialogForm verb={verb} send={send} onClose={onClose}>
      <NameAndPurpose value={named} placeholder="github-actions" onChange={setNamed} />
      <ManyPicker
        label="Groups"
        queryKey={[tenant, "access", "group"]}
        find={(text) => findGroups(tenant, text)}
        value={groups}
        onChange={setGroups}
      />
    </DialogForm>
  );
}
