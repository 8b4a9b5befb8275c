/** Credentials by name: those of a namespace with what is lent to it, or those of the whole tenant. */
import { ActionIcon, Modal, Tooltip } from "@mantine/core";
import { IconCertificate, IconPlugConnected } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Credential } from "@/api/types";
import type { Column } from "@/kit/DataTable";
import { done } from "@/kit/notify";
import { StoreList } from "@/kit/StoreList";
import classes from "@/kit/StoreList.module.css";
import { actionsColumn, nameColumn } from "@/kit/storeColumns";
import { useTenant } from "@/url";
import { CredentialForm } from "./CredentialForm";
import { bodyOf, draftOf, emptyDraft, KINDS, type Kind } from "./drafts";
import {
  createCredential,
  credentialsQuery,
  deleteCredential,
  inheritedCredentialsQuery,
  updateCredential,
} from "./queries";
import { TestDialog } from "./TestDialog";

type CredentialRow = Credential & { key: string };

/** Without a namespace: those of the tenant. */
export function Credentials({ namespace }: { namespace?: string }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const [tried, setTried] = useState<CredentialRow>();
  const query = useQuery(credentialsQuery(tenant, namespace));
  const refresh = () => client.invalidateQueries({ queryKey: [tenant, "credentials"] });
  const remove = async (name: string) => {
    const row = query.data?.results.find((one) => one.name === name);
    if (row) await deleteCredential(tenant, row.id);
    await refresh();
  };
  return (
    <>
      <StoreList<CredentialRow>
        label="Credentials"
        noun="credential"
        where={namespace === undefined ? "for the whole tenant" : undefined}
        icon={IconCertificate}
        query={query}
        columns={(change) => [
          nameColumn("Name", "minmax(140px, 2fr)", "credential"),
          KIND,
          DESCRIPTION,
          testColumn(setTried),
          actionsColumn<CredentialRow>({
            changeLabel: "Change it",
            onChange: change,
            deleteTitle: "Delete credential",
            deleteText: "Flows that ask for it fail from then on. Tokens it gave stay good until they end.",
            onDelete: remove,
          }),
        ]}
        hint={
          <>
            A flow reads a short-lived access token as <code>{"{{ credential('NAME') }}"}</code>. What proves
            who asks for it stays in secrets.
          </>
        }
        changeTitle={(name) => `Change ${name}`}
        form={(known, onClose) => (
          <CredentialForm
            known={known && draftOf(known)}
            namespace={namespace}
            draft={known ? draftOf(known) : emptyDraft()}
            save={async (draft) => {
              const body = bodyOf(draft);
              await (known
                ? updateCredential(tenant, known.id, body)
                : createCredential(tenant, namespace, body));
              await refresh();
              done(`${draft.name} saved`);
              onClose();
            }}
            onClose={onClose}
          />
        )}
      >
        {namespace !== undefined && <Inherited tenant={tenant} namespace={namespace} />}
      </StoreList>
      <Modal opened={tried !== undefined} onClose={() => setTried(undefined)} title={`Test ${tried?.name}`}>
        {tried && <TestDialog id={tried.id} onClose={() => setTried(undefined)} />}
      </Modal>
    </>
  );
}

const KIND: Column<CredentialRow> = {
  id: "kind",
  header: "Kind",
  width: "minmax(120px, 2fr)",
  hide: "narrow",
  cell: ({ type, authConfig }) => (
    <span>{KINDS[(type === "GITHUB_APP" ? type : authConfig.type) as Kind]}</span>
  ),
};

const DESCRIPTION: Column<CredentialRow> = {
  id: "description",
  header: "Description",
  width: "minmax(100px, 3fr)",
  hide: "narrow",
  cell: ({ description }) => <span className={classes.dim}>{description}</span>,
};

function testColumn(test: (row: CredentialRow) => void): Column<CredentialRow> {
  return {
    id: "test",
    header: "",
    width: "44px",
    align: "end",
    cell: (row) => (
      <Tooltip label="Ask for a token, to see whether one comes">
        <ActionIcon aria-label={`Test ${row.name}`} onClick={() => test(row)}>
          <IconPlugConnected size={15} />
        </ActionIcon>
      </Tooltip>
    ),
  };
}

/** What the namespaces above and the tenant lend. */
function Inherited({ tenant, namespace }: { tenant: string; namespace: string }) {
  const { data } = useQuery(inheritedCredentialsQuery(tenant, namespace));
  const levels = data?.levels ?? [];
  if (levels.length === 0) return null;
  const told = levels.map(
    ({ namespace: from, credentials }) => `${credentials.map(({ name }) => name).join(", ")} (${from})`,
  );
  return <p className={classes.dim}>From above: {told.join("; ")}</p>;
}
