/** The secrets of a namespace by name; a value goes in and is never shown again. */
import { PasswordInput, TextInput } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { SecretRow } from "@/api/types";
import type { Column } from "@/kit/DataTable";
import { DialogForm } from "@/kit/DialogForm";
import { done } from "@/kit/notify";
import { StoreList } from "@/kit/StoreList";
import classes from "@/kit/StoreList.module.css";
import { actionsColumn, nameColumn } from "@/kit/storeColumns";
import { useTenant } from "@/url";
import { deleteSecret, inheritedSecretsQuery, putSecret, secretsQuery } from "./queries";
import { SecretsPlace } from "./SecretsPlace";
import { MissingSecrets, SecretUses } from "./SecretUses";

export function Secrets({ namespace }: { namespace: string }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const query = secretsQuery(tenant, namespace);
  const remove = async (name: string) => {
    await deleteSecret(tenant, namespace, name);
    await client.invalidateQueries({ queryKey: query.queryKey });
  };
  return (
    <StoreList
      label="Secrets"
      noun="secret"
      icon={IconKey}
      query={useQuery(query)}
      columns={(change) => [
        nameColumn("Name", "minmax(130px, 2fr)", "secret"),
        DESCRIPTION,
        {
          id: "uses",
          header: "Used by",
          width: "minmax(100px, 3fr)",
          hide: "narrow",
          cell: ({ key }) => <SecretUses namespace={namespace} name={key ?? ""} />,
        },
        actionsColumn<SecretRow>({
          changeLabel: "Give it a new value",
          onChange: change,
          deleteTitle: "Delete secret",
          deleteText: "Flows that ask for it fail from then on. Its value cannot be brought back.",
          onDelete: remove,
        }),
      ]}
      hint={
        <>
          A flow here or below reads one as <code>{"{{ secret('NAME') }}"}</code>. Its value reaches the task
          that asks for it and is never shown.
        </>
      }
      changeTitle={(name) => `New value of ${name}`}
      form={(known, onClose) => (
        <SecretForm tenant={tenant} namespace={namespace} known={known} onClose={onClose} />
      )}
    >
      <Inherited tenant={tenant} namespace={namespace} />
      <MissingSecrets namespace={namespace} />
      <SecretsPlace namespace={namespace} />
    </StoreList>
  );
}

const DESCRIPTION: Column<SecretRow> = {
  id: "description",
  header: "Description",
  width: "minmax(100px, 3fr)",
  hide: "narrow",
  cell: ({ description }) => <span className={classes.dim}>{description}</span>,
};

interface SecretFormProps {
  tenant: string;
  namespace: string;
  /** Set when an existing one gets a new value. */
  known: SecretRow | undefined;
  onClose: () => void;
}

function SecretForm({ tenant, namespace, known, onClose }: SecretFormProps) {
  const client = useQueryClient();
  const [draft, setDraft] = useState({
    key: known?.key ?? "",
    value: "",
    description: known?.description ?? "",
  });
  const set = (change: Partial<typeof draft>) => setDraft({ ...draft, ...change });

  async function save() {
    await putSecret(tenant, namespace, draft);
    await client.invalidateQueries({ queryKey: secretsQuery(tenant, namespace).queryKey });
    done(`${draft.key} saved`);
    onClose();
  }

  return (
    <DialogForm verb="Save" send={save} onClose={onClose}>
      <TextInput
        label="Name"
        placeholder="DB_PASSWORD"
        required
        disabled={known !== undefined}
        value={draft.key}
        onChange={(event) => set({ key: event.currentTarget.value })}
        data-autofocus={known === undefined || undefined}
      />
      <PasswordInput
        label="Value"
        required
        autoComplete="off"
        value={draft.value}
        onChange={(event) => set({ value: event.currentTarget.value })}
        data-autofocus={known !== undefined || undefined}
      />
      <TextInput
        label="Description"
        value={draft.description}
        onChange={(event) => set({ description: event.currentTarget.value })}
      />
    </DialogForm>
  );
}

/** What the namespaces above lend. */
function Inherited({ tenant, namespace }: { tenant: string; namespace: string }) {
  const inherited = useQuery(inheritedSecretsQuery(tenant, namespace));
  const lent = Object.entries(inherited.data ?? {}).filter(
    ([from, keys]) => from !== namespace && keys.length > 0,
  );
  if (lent.length === 0) return null;
  return (
    <p className={classes.dim}>
      From above: {lent.map(([from, keys]) => `${keys.join(", ")} (${from})`).join("; ")}
    </p>
  );
}
