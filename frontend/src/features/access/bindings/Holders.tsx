/** The bindings of one role, or of one who holds some. */
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Role } from "@/api/types";
import { DataTable } from "@/kit/DataTable";
import { Failure, RowsLoading } from "@/kit/Notices";
import type { Choice } from "@/kit/Picker";
import { useTenant } from "@/url";
import { Allowed } from "../Allowed";
import { BindDialog } from "./BindDialog";
import { holderColumn, holderName, NAMESPACE, roleColumn, takeAwayColumn } from "./columns";
import classes from "./Holders.module.css";
import { bindingsKey, fetchBindings } from "./queries";

/** To whom a role is given. */
export function Holders({ role }: { role: Role }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const [giving, dialog] = useDisclosure();
  const key = [...bindingsKey(tenant), "role", role.id];
  const query = useQuery({ queryKey: key, queryFn: () => fetchBindings(tenant, { q: role.name }, 1) });
  const rows = (query.data?.results ?? []).filter((binding) => binding.role.id === role.id);
  const refresh = () => client.invalidateQueries({ queryKey: bindingsKey(tenant) });
  return (
    <>
      {query.isPending && <RowsLoading rows={2} />}
      {query.isError && <Failure error={query.error} onRetry={query.refetch} />}
      {query.isSuccess && rows.length === 0 && <p className={classes.none}>Nobody has it yet.</p>}
      {rows.length > 0 && (
        <DataTable
          label={`Given to, ${role.name}`}
          columns={[holderColumn(tenant), NAMESPACE, takeAwayColumn(tenant, refresh)]}
          rows={rows}
          rowKey={({ id }) => id}
          rowName={holderName}
        />
      )}
      <Allowed right="BINDING.CREATE">
        <Button variant="default" leftSection={<IconPlus size={14} />} onClick={dialog.open}>
          Give it to somebody
        </Button>
      </Allowed>
      <BindDialog opened={giving} onClose={dialog.close} role={{ value: role.id, label: role.name }} />
    </>
  );
}

interface HeldProps {
  kind: "person" | "group" | "account";
  choice: Choice;
}

/** The roles that somebody was given directly. */
export function Held({ kind, choice }: HeldProps) {
  const tenant = useTenant();
  const client = useQueryClient();
  const [giving, dialog] = useDisclosure();
  const key = [...bindingsKey(tenant), "holder", choice.value];
  const query = useQuery({
    queryKey: key,
    queryFn: () => fetchBindings(tenant, { holder: choice.value }, 1),
  });
  const rows = query.data?.results ?? [];
  const refresh = () => client.invalidateQueries({ queryKey: [tenant, "access"] });
  if (query.isPending) return <RowsLoading rows={2} />;
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  return (
    <>
      {rows.length === 0 && <p className={classes.none}>No role of its own.</p>}
      {rows.length > 0 && (
        <DataTable
          label={`Roles of ${choice.label}`}
          columns={[roleColumn(tenant), NAMESPACE, takeAwayColumn(tenant, refresh)]}
          rows={rows}
          rowKey={({ id }) => id}
          rowName={({ role }) => role.name}
        />
      )}
      <Allowed right="BINDING.CREATE">
        <Button variant="default" leftSection={<IconPlus size={14} />} onClick={dialog.open}>
          Give a role
        </Button>
      </Allowed>
      <BindDialog opened={giving} onClose={dialog.close} holder={{ kind, choice }} />
    </>
  );
}
