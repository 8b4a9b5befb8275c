/** Gives roles to a person, a group or a service account. */
import { Modal, SegmentedControl } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { DialogForm } from "@/kit/DialogForm";
import { done } from "@/kit/notify";
import { type Choice, ManyPicker, Picker } from "@/kit/Picker";
import { useTenant } from "@/url";
import { findAccounts } from "../accounts/queries";
import { findGroups, findMembers, findNamespaces, findRoles } from "../finding";
import { createBindings, type NewBinding } from "./queries";

type Kind = "person" | "group" | "account";

interface BindDialogProps {
  opened: boolean;
  onClose: () => void;
  /** Set when it is known to whom. */
  holder?: { kind: Kind; choice: Choice };
  /** Set when it is known which. */
  role?: Choice;
}

export function BindDialog(props: BindDialogProps) {
  const title = props.holder ? `Give a role to ${props.holder.choice.label}` : "Give a role";
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={title}>
      <BindForm {...props} />
    </Modal>
  );
}

const FINDERS = { person: findMembers, group: findGroups, account: findAccounts };

function BindForm({ onClose, holder, role }: BindDialogProps) {
  const tenant = useTenant();
  const client = useQueryClient();
  const [kind, setKind] = useState<Kind>(holder?.kind ?? "person");
  const [who, setWho] = useState<Choice | undefined>(holder?.choice);
  const [roles, setRoles] = useState<Choice[]>(role ? [role] : []);
  const [namespaces, setNamespaces] = useState<Choice[]>([]);

  async function give() {
    if (!who || roles.length === 0) return;
    await createBindings(tenant, wanted(kind, who, roles, namespaces));
    await client.invalidateQueries({ queryKey: [tenant, "access"] });
    done(`${who.label} has it from the next request on`);
    onClose();
  }

  return (
    <DialogForm verb="Give" send={give} onClose={onClose} disabled={!who || roles.length === 0}>
      {!holder && (
        <>
          <SegmentedControl
            size="xs"
            aria-label="To whom"
            value={kind}
            onChange={(next) => {
              setKind(next as Kind);
              setWho(undefined);
            }}
            data={[
              { value: "person", label: "Person" },
              { value: "group", label: "Group" },
              { value: "account", label: "Service account" },
            ]}
          />
          <Picker
            key={kind}
            label="To"
            required
            queryKey={[tenant, "access", kind]}
            find={(text) => FINDERS[kind](tenant, text)}
            value={who}
            onChange={setWho}
          />
        </>
      )}
      <ManyPicker
        label="Roles"
        required
        queryKey={[tenant, "access", "roles"]}
        find={(text) => findRoles(tenant, text)}
        value={roles}
        onChange={setRoles}
      />
      <ManyPicker
        label="In namespaces"
        description="Each with everything below it; none means the whole tenant."
        placeholder="The whole tenant"
        queryKey={[tenant, "namespaces"]}
        find={(text) => findNamespaces(tenant, text)}
        value={namespaces}
        onChange={setNamespaces}
      />
    </DialogForm>
  );
}

/** One binding for each role in each namespace. */
export function wanted(kind: Kind, who: Choice, roles: Choice[], namespaces: Choice[]): NewBinding[] {
  const type = kind === "group" ? "GROUP" : "USER";
  return roles.flatMap((role) => {
    const binding = { type, externalId: who.value, roleId: role.value } as const;
    if (namespaces.length === 0) return [binding];
    return namespaces.map(({ value }) => ({ ...binding, namespaceId: value }));
  });
}
