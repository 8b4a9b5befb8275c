/** One integration: what to paste where, and what it asked for lately. */
import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconKey, IconPencil, IconPower, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { to } from "@/addresses";
import type { SecurityIntegration } from "@/api/types";
import { confirm } from "@/kit/confirm";
import { Facts, Section } from "@/kit/Facts";
import { Failure, RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { Page } from "@/kit/Page";
import { Tag } from "@/kit/Tag";
import { When } from "@/kit/When";
import { useParam, useTenant } from "@/url";
import { Calls } from "./Calls";
import { helpOf } from "./clients";
import { IntegrationForm } from "./IntegrationForm";
import classes from "./IntegrationPage.module.css";
import { Address, Rotate } from "./NewToken";
import {
  deleteIntegration,
  type IntegrationDraft,
  integrationQuery,
  integrationsKey,
  rotateIntegration,
  setEnabled,
  updateIntegration,
} from "./queries";

export function IntegrationPage() {
  const tenant = useTenant();
  const id = useParam("integrationId");
  const query = useQuery(integrationQuery(tenant, id));
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  if (!query.data) return <RowsLoading rows={8} />;
  const integration = query.data;
  return (
    <Page
      name={integration.name}
      title={<span className="mono">{integration.name}</span>}
      badge={!integration.enabled && <Tag tone="bad">Disabled</Tag>}
      aside={integration.description}
      actions={<Actions integration={integration} />}
    >
      <div className={classes.page}>
        <SetUp integration={integration} />
        <Calls id={id} />
      </div>
    </Page>
  );
}

function SetUp({ integration }: { integration: SecurityIntegration }) {
  const help = helpOf(integration.client);
  return (
    <Section title={`In ${help.label}`}>
      <ol className={classes.steps}>
        {help.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <Facts
        facts={[
          { name: help.address, value: <Address text={integration.endpoint} /> },
          {
            name: help.token,
            value: <span className="mono">{integration.tokenPrefix}…</span>,
          },
          integration.formerTokenEndsAt !== undefined && {
            name: "The token before ends",
            value: <When date={integration.formerTokenEndsAt} />,
          },
          { name: "Calls so far", value: <span className="numbers">{integration.calls}</span> },
        ]}
      />
    </Section>
  );
}

function Actions({ integration }: { integration: SecurityIntegration }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [editing, dialog] = useDisclosure();
  const [rotating, tokenDialog] = useDisclosure();
  const refresh = () => client.invalidateQueries({ queryKey: integrationsKey(tenant) });
  const { id, name, enabled } = integration;
  async function save(draft: IntegrationDraft) {
    await updateIntegration(tenant, id, draft);
    await refresh();
    dialog.close();
  }
  const askDelete = () =>
    confirm({
      title: "Delete integration",
      name,
      text: "Its token is refused at once. Whom and what it brought stays, and is edited by hand from then on.",
      verb: "Delete",
      typed: true,
      run: async () => {
        await deleteIntegration(tenant, id);
        await navigate({ to: to.access(tenant, "integrations") });
        await refresh();
        done(`Integration ${name} deleted`);
      },
    });
  const askEnabled = () =>
    confirm({
      title: enabled ? "Disable integration" : "Enable integration",
      name,
      text: enabled
        ? "Every call is refused until it is enabled again. Whom it brought stays as they are."
        : "The directory may change people and groups of this tenant again.",
      verb: enabled ? "Disable" : "Enable",
      run: async () => {
        await setEnabled(tenant, id, !enabled);
        await refresh();
      },
    });
  return (
    <>
      <Button variant="default" leftSection={<IconPower size={14} />} onClick={askEnabled}>
        {enabled ? "Disable" : "Enable"}
      </Button>
      <Button variant="default" leftSection={<IconKey size={14} />} onClick={tokenDialog.open}>
        New token
      </Button>
      <Button variant="default" leftSection={<IconPencil size={14} />} onClick={dialog.open}>
        Change
      </Button>
      <Button variant="default" leftSection={<IconTrash size={14} />} onClick={askDelete}>
        Delete
      </Button>
      <Modal opened={editing} onClose={dialog.close} title="Change integration">
        <IntegrationForm
          verb="Save"
          known={{ name, description: integration.description, client: integration.client }}
          save={save}
          onClose={dialog.close}
        />
      </Modal>
      <Modal opened={rotating} onClose={tokenDialog.close} title="New token">
        <Rotate
          rotate={async (overlap) => {
            const made = await rotateIntegration(tenant, id, overlap);
            await refresh();
            return made;
          }}
          onClose={tokenDialog.close}
        />
      </Modal>
    </>
  );
}
