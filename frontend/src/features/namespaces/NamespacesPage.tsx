/** All namespaces, those made by hand and those that exist because flows are in them. */
import { Button, Modal, Textarea, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconFolders, IconPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { to } from "@/addresses";
import type { Namespace } from "@/api/types";
import { type Column, DataTable } from "@/kit/DataTable";
import { DialogForm } from "@/kit/DialogForm";
import { FilterBar, SearchFilter } from "@/kit/Filters";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { Page } from "@/kit/Page";
import { usePages } from "@/kit/usePages";
import { useTenant, useUrlState } from "@/url";
import { createNamespace, fetchNamespaces } from "./queries";

export function NamespacesPage() {
  const tenant = useTenant();
  const [search, setSearch] = useUrlState();
  const [creating, dialog] = useDisclosure();
  const { query, rows, total, onEnd } = usePages({
    queryKey: [tenant, "namespaces", search.q],
    fetchPage: (page) => fetchNamespaces(tenant, search.q, page),
    keyOf: ({ id }) => id,
  });
  const create = (
    <Button leftSection={<IconPlus size={14} />} onClick={dialog.open}>
      Create namespace
    </Button>
  );
  return (
    <Page name="Namespaces" title="Namespaces" fill actions={create}>
      <FilterBar>
        <SearchFilter label="Search namespaces" value={search.q} onChange={(q) => setSearch({ q })} />
      </FilterBar>
      {query.isPending && <RowsLoading rows={8} height={40} />}
      {query.isError && <Failure error={query.error} onRetry={query.refetch} />}
      {query.isSuccess && rows.length === 0 && (
        <Empty icon={IconFolders} title={search.q ? "No namespace matches" : "No namespace yet"}>
          A namespace is a dotted path such as <code>company.team</code>. It appears with its first flow, or
          is created here to hold settings, secrets and rights for everything below it.
        </Empty>
      )}
      {rows.length > 0 && (
        <DataTable
          label="Namespaces"
          columns={columns(tenant)}
          rows={rows}
          rowKey={({ id }) => id}
          rowName={({ id }) => id}
          rowTo={({ id }) => to.namespace(tenant, id)}
          onEnd={onEnd}
          total={total}
        />
      )}
      <Modal opened={creating} onClose={dialog.close} title="Create namespace">
        <CreateNamespace onClose={dialog.close} />
      </Modal>
    </Page>
  );
}

function columns(tenant: string): Column<Namespace>[] {
  return [
    {
      id: "id",
      header: "Namespace",
      width: "minmax(160px, 2fr)",
      cell: ({ id }) => (
        <Link
          to={to.namespace(tenant, id)}
          className="link"
          style={{ fontWeight: 500, paddingLeft: (id.split(".").length - 1) * 18 }}
          aria-label={id}
          title={id}
        >
          {id.split(".").pop()}
        </Link>
      ),
    },
    {
      id: "description",
      header: "Description",
      width: "minmax(120px, 3fr)",
      cell: ({ description }) => <span style={{ color: "var(--mantine-color-dimmed)" }}>{description}</span>,
    },
  ];
}

function CreateNamespace({ onClose }: { onClose: () => void }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [id, setId] = useState("");
  const [description, setDescription] = useState("");

  async function create() {
    await createNamespace(tenant, { id, description: description || undefined, deleted: false });
    await client.invalidateQueries({ queryKey: [tenant, "namespaces"] });
    onClose();
    await navigate({ to: to.namespace(tenant, id, "settings") });
  }

  return (
    <DialogForm verb="Create" send={create} onClose={onClose}>
      <TextInput
        label="Id"
        description="A dotted path; settings and rights flow from company to company.team."
        placeholder="company.team"
        required
        pattern="[a-z0-9][a-z0-9._\-]*"
        title="Small letters, digits, dots, - and _"
        value={id}
        onChange={(event) => setId(event.currentTarget.value)}
        data-autofocus
      />
      <Textarea
        label="Description"
        autosize
        minRows={2}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
    </DialogForm>
  );
}
