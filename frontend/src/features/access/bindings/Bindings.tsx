/** Who has which role, where: the whole tenant in one list. */
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconLink, IconPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Records } from "@/kit/Records";
import { useTenant } from "@/url";
import { Allowed } from "../Allowed";
import { BindDialog } from "./BindDialog";
import { holderColumn, holderName, NAMESPACE, roleColumn, takeAwayColumn } from "./columns";
import { bindingsKey, fetchBindings } from "./queries";

export function Bindings() {
  const tenant = useTenant();
  const client = useQueryClient();
  const [giving, dialog] = useDisclosure();
  const refresh = () => client.invalidateQueries({ queryKey: bindingsKey(tenant) });
  return (
    <>
      <Records
        label="Bindings"
        queryKey={bindingsKey(tenant)}
        fetchPage={(q, page) => fetchBindings(tenant, { q }, page)}
        columns={[holderColumn(tenant), roleColumn(tenant), NAMESPACE, takeAwayColumn(tenant, refresh)]}
        keyOf={({ id }) => id}
        nameOf={(binding) => `${binding.role.name} of ${holderName(binding)}`}
        icon={IconLink}
        hint="A binding gives a role to a person, a group or a service account, in a namespace and below or in the whole tenant."
        actions={
          <Allowed right="BINDING.CREATE">
            <Button leftSection={<IconPlus size={14} />} onClick={dialog.open}>
              Give a role
            </Button>
          </Allowed>
        }
      />
      <BindDialog opened={giving} onClose={dialog.close} />
    </>
  );
}
