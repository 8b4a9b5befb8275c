/** The key-value pairs of a namespace: small things that flows keep from one execution to the next. */
import { useDebouncedValue } from "@mantine/hooks";
import { IconDatabase } from "@tabler/icons-react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { to } from "@/addresses";
import type { PairRow } from "@/api/types";
import { CopyText } from "@/kit/CopyText";
import { type Column, DataTable } from "@/kit/DataTable";
import { StoreList } from "@/kit/StoreList";
import classes from "@/kit/StoreList.module.css";
import { actionsColumn, nameColumn } from "@/kit/storeColumns";
import { valueText } from "@/kit/Value";
import { When } from "@/kit/When";
import { useTenant } from "@/url";
import { PairDialog } from "./PairForm";
import { deletePair, inheritedPairsQuery, pairQuery, pairsQuery } from "./queries";

export function Pairs({ namespace }: { namespace: string }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const [wanted, setWanted] = useState("");
  const [settled] = useDebouncedValue(wanted.trim(), 200);
  const query = pairsQuery(tenant, namespace, settled);
  const remove = async (name: string) => {
    await deletePair(tenant, namespace, name);
    await client.invalidateQueries({ queryKey: pairsQuery(tenant, namespace).queryKey, exact: true });
    if (settled) await client.invalidateQueries({ queryKey: query.queryKey, exact: true });
  };
  return (
    <StoreList
      label="Key-value pairs"
      noun="pair"
      icon={IconDatabase}
      query={useQuery({ ...query, placeholderData: keepPreviousData })}
      search={{ value: wanted, onChange: setWanted }}
      columns={(change) => [
        nameColumn("Key", "minmax(120px, 2fr)", "kv"),
        valueColumn(tenant, namespace),
        ...DATES,
        actionsColumn<PairRow>({
          changeLabel: "Change the value",
          onChange: change,
          deleteTitle: "Delete pair",
          deleteText: "Flows that ask for it find nothing from then on.",
          onDelete: remove,
        }),
      ]}
      hint={
        <>
          A flow here or below reads one as <code>{"{{ kv('name') }}"}</code>, and a task may write it.
        </>
      }
      changeTitle={(name) => `Change ${name}`}
      form={(known, onClose) => (
        <PairDialog tenant={tenant} namespace={namespace} known={known} onClose={onClose} />
      )}
    >
      {namespace.includes(".") && <Inherited tenant={tenant} namespace={namespace} />}
    </StoreList>
  );
}

/** What the namespaces above lend: a flow here reads it, and it is changed where it stands. */
function Inherited({ tenant, namespace }: { tenant: string; namespace: string }) {
  const inherited = useQuery(inheritedPairsQuery(tenant, namespace));
  if (!inherited.data?.length) return null;
  return (
    <>
      <h2 className={classes.heading}>From above</h2>
      <DataTable
        label="Inherited key-value pairs"
        columns={[nameColumn("Key", "minmax(120px, 2fr)", "kv"), fromColumn(tenant), ...DATES]}
        rows={inherited.data}
        rowKey={(row) => `${row.namespace}/${row.key}`}
        rowName={({ key = "" }) => key}
      />
    </>
  );
}

function fromColumn(tenant: string): Column<PairRow> {
  return {
    id: "from",
    header: "From",
    width: "minmax(110px, 3fr)",
    cell: ({ namespace = "" }) => (
      <Link className="link" to={to.namespace(tenant, namespace, "kv")}>
        {namespace}
      </Link>
    ),
  };
}

function valueColumn(tenant: string, namespace: string): Column<PairRow> {
  return {
    id: "value",
    header: "Value",
    width: "minmax(110px, 3fr)",
    cell: ({ key = "" }) => <ShownValue tenant={tenant} namespace={namespace} name={key} />,
  };
}

const DATES: Column<PairRow>[] = [
  {
    id: "updated",
    header: "Changed",
    width: "120px",
    hide: "narrow",
    cell: ({ updateDate }) => <When date={updateDate ?? undefined} />,
  },
  {
    id: "expires",
    header: "Expires",
    width: "120px",
    hide: "medium",
    cell: ({ expirationDate }) => (expirationDate ? <When date={expirationDate} /> : "Never"),
  },
];

interface OnePair {
  tenant: string;
  namespace: string;
  name: string;
}

/** Only rows in view ask for their value. */
function ShownValue({ tenant, namespace, name }: OnePair) {
  const pair = useQuery(pairQuery(tenant, namespace, name));
  if (pair.isError) return <span className={classes.dim}>not readable</span>;
  if (!pair.data) return null;
  return (
    <span className={classes.name}>
      <code>{shortened(pair.data.value)}</code>
      <span className={classes.dim}>{pair.data.type.toLowerCase()}</span>
      <CopyText value={valueText(pair.data.value)} label={`Copy the value of ${name}`} />
    </span>
  );
}

function shortened(value: unknown): string {
  const text = valueText(value).replaceAll(/\s+/g, " ");
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
