/** The kill switches of an instance, for superadmins: what is stopped, by whom it was meant, and how to lift it. */
import { ActionIcon, Button, Group, Modal, Switch, Tooltip } from "@mantine/core";
import { IconEdit, IconPlus, IconPower, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { KillSwitch } from "@/api/types";
import { configQuery } from "@/features/session/queries";
import { confirm } from "@/kit/confirm";
import { type Column, DataTable } from "@/kit/DataTable";
import { FilterBar } from "@/kit/Filters";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { done, failed } from "@/kit/notify";
import type { Tone } from "@/kit/states";
import { Tag } from "@/kit/Tag";
import { useNow } from "@/kit/useNow";
import { When } from "@/kit/When";
import { KillSwitchForm } from "./KillSwitchForm";
import { changeSwitch, type Draft, killSwitchesQuery, liftSwitch, throwSwitch } from "./queries";
import { EFFECTS, type Standing, scopeText, standingOf } from "./scope";

const TONES: Record<Standing, Tone> = {
  "In force": "bad",
  "To come": "wait",
  Over: "calm",
  Disabled: "calm",
  Deleted: "calm",
};

type Editing = KillSwitch | "new" | undefined;

export function KillSwitches() {
  const client = useQueryClient();
  const switches = useQuery(killSwitchesQuery);
  const [editing, setEditing] = useState<Editing>();
  const now = useNow();
  const close = () => setEditing(undefined);
  const refresh = () =>
    Promise.all(
      [killSwitchesQuery.queryKey, configQuery.queryKey].map((queryKey) =>
        client.invalidateQueries({ queryKey }),
      ),
    );

  async function send(draft: Draft) {
    if (editing === "new") await throwSwitch(draft);
    else if (editing) await changeSwitch(editing.id, draft);
    await refresh();
    done(`${draft.name} applies within two seconds`);
    close();
  }

  if (switches.isError) return <Failure error={switches.error} onRetry={switches.refetch} />;
  return (
    <>
      <FilterBar>
        <span style={{ flex: 1 }} />
        <Button leftSection={<IconPlus size={14} />} onClick={() => setEditing("new")}>
          New kill switch
        </Button>
      </FilterBar>
      {switches.isPending && <RowsLoading rows={4} height={40} />}
      {switches.data?.length === 0 && (
        <Empty icon={IconPower} title="Nothing is stopped">
          A kill switch kills, cancels or holds the executions of a tenant, a namespace or a flow at once.
        </Empty>
      )}
      {switches.data !== undefined && switches.data.length > 0 && (
        <DataTable
          label="Kill switches"
          columns={columns(now, setEditing, refresh)}
          rows={switches.data}
          rowKey={({ id }) => id}
          rowName={({ name }) => name}
        />
      )}
      <Modal
        opened={editing !== undefined}
        onClose={close}
        title={editing === "new" ? "New kill switch" : "Change the kill switch"}
      >
        {editing && (
          <KillSwitchForm of={editing === "new" ? undefined : editing} send={send} onClose={close} />
        )}
      </Modal>
    </>
  );
}

function columns(
  now: number,
  edit: (killSwitch: KillSwitch) => void,
  refresh: () => Promise<unknown>,
): Column<KillSwitch>[] {
  return [
    {
      id: "name",
      header: "Name",
      width: "minmax(140px, 2fr)",
      cell: ({ name, description }) => (
        <Tooltip label={description ?? "No reason given"}>
          <span style={{ fontWeight: 500 }}>{name}</span>
        </Tooltip>
      ),
    },
    {
      id: "effect",
      header: "Effect",
      width: "90px",
      cell: ({ evaluationType }) => (
        <Tooltip label={EFFECTS[evaluationType]}>
          <span>{evaluationType}</span>
        </Tooltip>
      ),
    },
    { id: "scope", header: "Scope", width: "minmax(140px, 3fr)", cell: scopeText },
    {
      id: "standing",
      header: "State",
      width: "96px",
      cell: (killSwitch) => {
        const standing = standingOf(killSwitch, now);
        return <Tag tone={TONES[standing]}>{standing}</Tag>;
      },
    },
    {
      id: "from",
      header: "From",
      width: "130px",
      hide: "narrow",
      cell: ({ startDate }) => <When date={startDate} />,
    },
    {
      id: "until",
      header: "Until",
      width: "130px",
      hide: "narrow",
      cell: ({ endDate }) => (endDate ? <When date={endDate} /> : "it is lifted"),
    },
    {
      id: "actions",
      header: "",
      width: "128px",
      align: "end",
      cell: (killSwitch) => killSwitch.deleted || <Acts of={killSwitch} edit={edit} refresh={refresh} />,
    },
  ];
}

interface ActsProps {
  of: KillSwitch;
  edit: (killSwitch: KillSwitch) => void;
  refresh: () => Promise<unknown>;
}

function Acts({ of, edit, refresh }: ActsProps) {
  async function toggle() {
    try {
      await changeSwitch(of.id, { ...of, enabled: !of.enabled });
      await refresh();
      done(of.enabled ? `${of.name} is lifted` : `${of.name} applies within two seconds`);
    } catch (error) {
      failed(error);
    }
  }
  return (
    <Group gap={6} wrap="nowrap">
      <Switch size="xs" checked={of.enabled} onChange={toggle} aria-label={`${of.name} is enabled`} />
      <Tooltip label="Change">
        <ActionIcon aria-label={`Change ${of.name}`} onClick={() => edit(of)}>
          <IconEdit size={15} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Lift and delete">
        <ActionIcon aria-label={`Delete ${of.name}`} onClick={() => askToLift(of, refresh)}>
          <IconTrash size={15} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}

function askToLift({ id, name }: KillSwitch, refresh: () => Promise<unknown>): void {
  confirm({
    title: "Lift the kill switch",
    name,
    text: "What it holds goes on, and new executions begin again. What it has stopped stays stopped.",
    verb: "Lift",
    run: async () => {
      await liftSwitch(id);
      await refresh();
      done(`${name} is lifted`);
    },
  });
}
