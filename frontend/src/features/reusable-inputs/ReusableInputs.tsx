/** The inputs that flows of a namespace share: written once, named by each of them. */
import { ActionIcon, Button } from "@mantine/core";
import { IconForms, IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { to } from "@/addresses";
import type { InputBlock } from "@/api/types";
import { confirm } from "@/kit/confirm";
import { type Column, DataTable } from "@/kit/DataTable";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { When } from "@/kit/When";
import { useTenant, useUrlState } from "@/url";
import { blocksChanged, blocksQuery, deleteBlock, type Place } from "./queries";
import classes from "./ReusableInputs.module.css";

const BlockEditor = lazy(() => import("./BlockEditor").then((module) => ({ default: module.BlockEditor })));

const NEW = "new";

export function ReusableInputs({ namespace }: { namespace: string }) {
  const place = { tenant: useTenant(), namespace };
  const [search, setSearch] = useUrlState();
  const query = useQuery(blocksQuery(place));
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  if (!query.data) return <RowsLoading rows={5} height={40} />;
  const blocks = query.data.results;
  const open = search.block;
  const known = blocks.find(({ id }) => id === open);
  if (open === NEW || known) {
    return (
      <Suspense fallback={<RowsLoading rows={14} height={21} />}>
        <BlockEditor
          key={open}
          place={place}
          known={known}
          onSaved={(id) => setSearch({ block: id })}
          onClose={() => setSearch({ block: undefined })}
        />
      </Suspense>
    );
  }
  const add = (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setSearch({ block: NEW })}>
      New inputs
    </Button>
  );
  if (blocks.length === 0) {
    return (
      <Empty icon={IconForms} title="No reusable inputs in this namespace" actions={add}>
        Inputs that several flows ask for are written once here. A flow names them in an input of the type{" "}
        <code>REUSABLE_INPUTS</code>.
      </Empty>
    );
  }
  return (
    <>
      <div className={classes.bar}>{add}</div>
      <DataTable
        label="Reusable inputs"
        columns={columns(place, (id) => setSearch({ block: id }))}
        rows={blocks}
        rowKey={({ id }) => id}
        rowName={({ id }) => id}
      />
    </>
  );
}

function columns(place: Place, open: (id: string) => void): Column<InputBlock>[] {
  return [
    {
      id: "id",
      header: "Name",
      width: "minmax(120px, 2fr)",
      cell: ({ id }) => (
        <button type="button" className={classes.name} onClick={() => open(id)}>
          {id}
        </button>
      ),
    },
    {
      id: "inputs",
      header: "Inputs",
      width: "minmax(140px, 3fr)",
      cell: ({ inputs }) => <span className="mono">{inputs.map(({ id }) => id).join(", ")}</span>,
    },
    {
      id: "namespace",
      header: "From",
      width: "minmax(100px, 2fr)",
      cell: ({ namespace }) =>
        namespace === place.namespace ? (
          "this namespace"
        ) : (
          <Link className="link" to={to.namespace(place.tenant, namespace, "inputs")}>
            {namespace}
          </Link>
        ),
    },
    {
      id: "updated",
      header: "Changed",
      width: "120px",
      hide: "narrow",
      cell: ({ updated }) => <When date={updated} />,
    },
    {
      id: "actions",
      header: "",
      width: "48px",
      align: "end",
      cell: (block) => block.namespace === place.namespace && <DeleteBlock place={place} id={block.id} />,
    },
  ];
}

function DeleteBlock({ place, id }: { place: Place; id: string }) {
  const client = useQueryClient();
  const ask = () =>
    confirm({
      title: "Delete reusable inputs",
      name: id,
      text: "They go with all their revisions. A flow that names them cannot be started from then on.",
      verb: "Delete",
      typed: true,
      run: async () => {
        await deleteBlock(place, id);
        await blocksChanged(client, place);
        done(`${id} deleted`);
      },
    });
  return (
    <ActionIcon aria-label={`Delete ${id}`} onClick={ask}>
      <IconTrash size={15} />
    </ActionIcon>
  );
}
