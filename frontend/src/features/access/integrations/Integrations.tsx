/** The directories that push people and groups into a tenant. */
import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlugConnected, IconPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { to } from "@/addresses";
import type { NewSecurityIntegration, SecurityIntegration } from "@/api/types";
import type { Column } from "@/kit/DataTable";
import { Records } from "@/kit/Records";
import { Tag } from "@/kit/Tag";
import { When } from "@/kit/When";
import { useTenant } from "@/url";
import { helpOf } from "./clients";
import { IntegrationForm } from "./IntegrationForm";
import { ToPaste } from "./NewToken";
import { createIntegration, fetchIntegrations, type IntegrationDraft, integrationsKey } from "./queries";

export function Integrations() {
  const tenant = useTenant();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [creating, dialog] = useDisclosure();
  const [made, setMade] = useState<NewSecurityIntegration>();
  async function save(draft: IntegrationDraft) {
    setMade(await createIntegration(tenant, draft));
    await client.invalidateQueries({ queryKey: integrationsKey(tenant) });
  }
  async function close() {
    dialog.close();
    if (made) await navigate({ to: to.integration(tenant, made.id) });
  }
  return (
    <>
      <Records
        label="Integrations"
        queryKey={integrationsKey(tenant)}
        fetchPage={(q, page) => fetchIntegrations(tenant, q, page)}
        columns={columns(tenant)}
        keyOf={({ id }) => id}
        nameOf={({ name }) => name}
        rowTo={({ id }) => to.integration(tenant, id)}
        icon={IconPlugConnected}
        hint="Let Okta, Entra, Keycloak or authentik push people and groups by SCIM: who joins, moves and leaves there is right here within seconds."
        actions={
          <Button leftSection={<IconPlus size={14} />} onClick={dialog.open}>
            New integration
          </Button>
        }
      />
      <Modal
        opened={creating}
        onClose={close}
        title={made ? `Paste into ${helpOf(made.client).label}` : "New integration"}
      >
        {made ? (
          <ToPaste made={made} onClose={close} />
        ) : (
          <IntegrationForm verb="Create" save={save} onClose={dialog.close} />
        )}
      </Modal>
    </>
  );
}

function columns(tenant: string): Column<SecurityIntegration>[] {
  return [
    {
      id: "name",
      header: "Integration",
      width: "minmax(160px, 2fr)",
      cell: ({ id, name }) => (
        <Link to={to.integration(tenant, id)} className="link" style={{ fontWeight: 500 }}>
          {name}
        </Link>
      ),
    },
    {
      id: "client",
      header: "Directory",
      width: "minmax(120px, 1fr)",
      cell: ({ client }) => helpOf(client).label,
    },
    {
      id: "state",
      header: "State",
      width: "100px",
      cell: ({ enabled }) => <Tag tone={enabled ? "good" : "calm"}>{enabled ? "Enabled" : "Disabled"}</Tag>,
    },
    {
      id: "calls",
      header: "Calls",
      width: "80px",
      align: "end",
      hide: "narrow",
      cell: ({ calls }) => <span className="numbers">{calls}</span>,
    },
    {
      id: "last",
      header: "Last call",
      width: "120px",
      hide: "narrow",
      cell: ({ lastCalledAt }) => <When date={lastCalledAt} />,
    },
  ];
}
