/** One role: its name, its rights, and to whom it is given. */

import { Alert, Button, Checkbox, Select, TextInput } from "@mantine/core";
import { IconCopy, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { to } from "@/addresses";
import type { Role } from "@/api/types";
import { HistorySection } from "@/features/audit/History";
import { confirm } from "@/kit/confirm";
import { Section } from "@/kit/Facts";
import { Failure, RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { Page } from "@/kit/Page";
import { Refusal } from "@/kit/Refusal";
import { Tag } from "@/kit/Tag";
import { useParam, useTenant, useUrlState } from "@/url";
import { Allowed } from "../Allowed";
import { Holders } from "../bindings/Holders";
import { Matrix } from "./Matrix";
import { countOf, type Permissions, same, wordOf } from "./matrix";
import {
  catalogueQuery,
  createRole,
  deleteRole,
  type RoleDraft,
  roleQuery,
  rolesKey,
  templatesQuery,
  updateRole,
} from "./queries";
import classes from "./RolePage.module.css";
import { RoleSource } from "./RoleSource";

export function RolePage() {
  const tenant = useTenant();
  const id = useParam("roleId");
  const [{ from }] = useUrlState();
  const isNew = id === "new";
  const source = isNew ? from : id;
  const role = useQuery({ ...roleQuery(tenant, source ?? ""), enabled: source !== undefined });
  const catalogue = useQuery(catalogueQuery(tenant));
  const failed = [role, catalogue].find((query) => query.isError);
  if (failed) return <Failure error={failed.error} onRetry={failed.refetch} />;
  if (!catalogue.data || (source !== undefined && !role.data)) return <RowsLoading rows={12} />;
  const known = isNew ? undefined : role.data;
  return (
    <RoleForm
      key={`${id} ${from ?? ""}`}
      known={known}
      draft={isNew ? copyOf(role.data) : draftOf(role.data)}
      catalogue={catalogue.data}
    />
  );
}

interface RoleFormProps {
  /** Absent for a new one. */
  known: Role | undefined;
  draft: RoleDraft;
  catalogue: Permissions;
}

function RoleForm({ known, draft: begun, catalogue }: RoleFormProps) {
  const tenant = useTenant();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [saved, setSaved] = useState(begun);
  const [draft, setDraft] = useState(begun);
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const set = (change: Partial<RoleDraft>) => setDraft((before) => ({ ...before, ...change }));
  const fixed = known?.isManaged ?? false;
  const changedNow = !known || !alike(saved, draft);

  async function save() {
    setBusy(true);
    try {
      const role = await (known ? updateRole(tenant, known.id, draft) : createRole(tenant, draft));
      await client.invalidateQueries({ queryKey: rolesKey(tenant) });
      setSaved(draftOf(role));
      setDraft(draftOf(role));
      setProblem(undefined);
      done(`Role ${role.name} saved`);
      if (!known) await navigate({ to: to.role(tenant, role.id), replace: true });
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Page
      name={known?.name ?? "New role"}
      title={known?.name ?? "New role"}
      badge={fixed && <Tag tone="calm">Same in every tenant, version {known?.version ?? 1}</Tag>}
      aside={<span className="numbers">{countOf(draft.permissions)} rights</span>}
      actions={
        <>
          <RoleSource draft={draft} onRead={fixed ? undefined : set} />
          {known && <Copy id={known.id} />}
          {known && !fixed && <Remove role={known} />}
          {!fixed && (
            <Allowed right={known ? "ROLE.UPDATE" : "ROLE.CREATE"}>
              <Button onClick={save} loading={busy} disabled={!changedNow || !draft.name.trim()}>
                Save
              </Button>
            </Allowed>
          )}
        </>
      }
    >
      <div className={classes.page}>
        {problem !== undefined && <Refusal error={problem} />}
        {fixed && (
          <Alert variant="light" color="gray">
            This role is the same in every tenant and grows with new versions. Copy it to change it.
          </Alert>
        )}
        <div className={classes.head}>
          <TextInput
            label="Name"
            required
            readOnly={fixed}
            value={draft.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <TextInput
            label="What it is for"
            readOnly={fixed}
            value={draft.description}
            onChange={(event) => set({ description: event.currentTarget.value })}
            className={classes.wide}
          />
          {!fixed && <StartFrom onChoose={(permissions) => set({ permissions })} />}
        </div>
        {!fixed && (
          <Checkbox
            size="xs"
            label="Give it to everybody who becomes a member of this tenant"
            checked={draft.isDefault}
            onChange={(event) => set({ isDefault: event.currentTarget.checked })}
          />
        )}
        <Matrix
          catalogue={catalogue}
          permissions={draft.permissions}
          onChange={fixed ? undefined : (permissions) => set({ permissions })}
        />
        {known && (
          <Section title="Given to">
            <Holders role={known} />
          </Section>
        )}
        {known && <HistorySection resource="ROLE" id={known.id} />}
      </div>
    </Page>
  );
}

function StartFrom({ onChoose }: { onChoose: (permissions: Permissions) => void }) {
  const tenant = useTenant();
  const templates = useQuery(templatesQuery(tenant));
  const known = templates.data ?? {};
  return (
    <Select
      label="Start from"
      placeholder="The rights of …"
      data={Object.keys(known).map((name) => ({ value: name, label: wordOf(name) }))}
      value={null}
      onChange={(name) => name && known[name] && onChoose(known[name])}
    />
  );
}

function Copy({ id }: { id: string }) {
  const tenant = useTenant();
  const navigate = useNavigate();
  return (
    <Allowed right="ROLE.CREATE">
      <Button
        variant="default"
        leftSection={<IconCopy size={14} />}
        onClick={() => navigate({ to: to.role(tenant, "new"), search: { from: id } as never })}
      >
        Copy
      </Button>
    </Allowed>
  );
}

function Remove({ role }: { role: Role }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const navigate = useNavigate();
  const ask = () =>
    confirm({
      title: "Delete role",
      name: role.name,
      text: "Its bindings go with it; whoever has rights by it alone loses them at once.",
      verb: "Delete",
      typed: true,
      run: async () => {
        await deleteRole(tenant, role.id);
        await client.invalidateQueries({ queryKey: rolesKey(tenant) });
        await navigate({ to: to.access(tenant, "roles") });
        done(`Role ${role.name} deleted`);
      },
    });
  return (
    <Allowed right="ROLE.DELETE">
      <Button variant="default" leftSection={<IconTrash size={14} />} onClick={ask}>
        Delete
      </Button>
    </Allowed>
  );
}

function draftOf(role: Role | undefined): RoleDraft {
  const { name = "", description = "", permissions = {}, isDefault = false } = role ?? {};
  return { name, description, permissions, isDefault };
}

function copyOf(role: Role | undefined): RoleDraft {
  const draft = draftOf(role);
  return { ...draft, name: role ? `${role.name} (copy)` : "", isDefault: false };
}

function alike(a: RoleDraft, b: RoleDraft): boolean {
  return (
    a.name === b.name &&
    a.description === b.description &&
    a.isDefault === b.isDefault &&
    same(a.permissions, b.permissions)
  );
}
