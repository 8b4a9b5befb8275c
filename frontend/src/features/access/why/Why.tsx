/** Why somebody may do something in a place, or why not: the chain that allows it, or what is missing. */
import { Button, Drawer, SegmentedControl, Select } from "@mantine/core";
import { IconBan, IconHelpCircle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { RefusedRequest } from "@/api/types";
import type { Column } from "@/kit/DataTable";
import { Section } from "@/kit/Facts";
import { Failure, RowsLoading } from "@/kit/Notices";
import { type Choice, Picker } from "@/kit/Picker";
import { Records } from "@/kit/Records";
import { When } from "@/kit/When";
import { useTenant, useUrlState } from "@/url";
import { findAccounts } from "../accounts/queries";
import { findGroups, findMembers, findNamespaces } from "../finding";
import { wordOf } from "../roles/matrix";
import { catalogueQuery } from "../roles/queries";
import { Answer } from "./Answer";
import { explanationQuery, fetchRefusals, type Kind, refusalQuery } from "./queries";
import classes from "./Why.module.css";

const FINDERS = { person: findMembers, group: findGroups, account: findAccounts };

export function Why() {
  const tenant = useTenant();
  const [{ reference }, setSearch] = useUrlState();
  return (
    <div className={classes.page}>
      <Section title="May they?">
        <Ask />
      </Section>
      <Section title="Refused">
        <div className={classes.list}>
          <Records
            label="Refusals"
            queryKey={[tenant, "access", "refusals"]}
            fetchPage={(q, page) => fetchRefusals(tenant, q, page)}
            columns={columns((one) => setSearch({ reference: one.reference }))}
            keyOf={({ reference: id }) => id}
            nameOf={({ reference: id }) => id}
            icon={IconBan}
            hint="Whoever is refused something is told a reference. It is looked up here."
          />
        </div>
      </Section>
      <Drawer
        opened={reference !== undefined}
        onClose={() => setSearch({ reference: undefined })}
        position="right"
        size={520}
        title="Why it was refused"
      >
        {reference && <Refused reference={reference} />}
      </Drawer>
    </div>
  );
}

function Ask() {
  const tenant = useTenant();
  const [kind, setKind] = useState<Kind>("person");
  const [who, setWho] = useState<Choice>();
  const [permission, setPermission] = useState<string | null>(null);
  const [namespace, setNamespace] = useState<Choice>();
  const [asked, setAsked] = useState<Parameters<typeof explanationQuery>[1]>();
  const catalogue = useQuery(catalogueQuery(tenant));
  const choices = Object.entries(catalogue.data ?? {}).map(([resource, actions]) => ({
    group: wordOf(resource),
    items: actions.map((action) => ({
      value: `${resource}.${action}`,
      label: `${wordOf(action)}: ${wordOf(resource).toLowerCase()}`,
    })),
  }));
  return (
    <>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (permission) setAsked({ kind, id: who?.value, permission, namespace: namespace?.value });
        }}
      >
        <SegmentedControl
          size="xs"
          aria-label="Who asks"
          value={kind}
          onChange={(next) => {
            setKind(next as Kind);
            setWho(undefined);
          }}
          data={[
            { value: "person", label: "Person" },
            { value: "group", label: "Group" },
            { value: "account", label: "Service account" },
          ]}
        />
        <div className={classes.fields}>
          <Picker
            key={kind}
            label="Who"
            placeholder={kind === "person" ? "You" : undefined}
            required={kind !== "person"}
            queryKey={[tenant, "access", kind]}
            find={(text) => FINDERS[kind](tenant, text)}
            value={who}
            onChange={setWho}
          />
          <Select
            label="May do what"
            required
            data={choices}
            value={permission}
            onChange={setPermission}
            searchable
            limit={200}
          />
          <Picker
            label="Where"
            placeholder="The whole tenant"
            queryKey={[tenant, "namespaces"]}
            find={(text) => findNamespaces(tenant, text)}
            value={namespace}
            onChange={setNamespace}
          />
          <Button
            type="submit"
            leftSection={<IconHelpCircle size={14} />}
            disabled={!permission || (kind !== "person" && !who)}
          >
            Why?
          </Button>
        </div>
      </form>
      {asked && <Asked question={asked} />}
    </>
  );
}

function Asked({ question }: { question: Parameters<typeof explanationQuery>[1] }) {
  const query = useQuery(explanationQuery(useTenant(), question));
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  if (!query.data) return <RowsLoading rows={3} />;
  return <Answer explanation={query.data} />;
}

function Refused({ reference }: { reference: string }) {
  const query = useQuery(refusalQuery(useTenant(), reference));
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  if (!query.data) return <RowsLoading rows={4} />;
  const { actor, at, method, path, message, explanation } = query.data;
  return (
    <>
      <p className={classes.refused}>
        <strong>{actor.name}</strong>, <When date={at} />:{" "}
        <span className="mono">
          {method} {path}
        </span>
        <br />
        {message}
      </p>
      {explanation && <Answer explanation={explanation} />}
    </>
  );
}

function columns(onOpen: (refusal: RefusedRequest) => void): Column<RefusedRequest>[] {
  return [
    { id: "at", header: "When", width: "120px", cell: ({ at }) => <When date={at} /> },
    { id: "who", header: "Who", width: "minmax(120px, 2fr)", cell: ({ actor }) => actor.name },
    {
      id: "what",
      header: "What",
      width: "minmax(120px, 2fr)",
      cell: ({ permission, method, path }) => permission ?? `${method} ${path}`,
    },
    {
      id: "where",
      header: "Where",
      width: "minmax(100px, 2fr)",
      hide: "narrow",
      cell: ({ namespace }) => namespace,
    },
    {
      id: "why",
      header: "",
      width: "80px",
      align: "end",
      cell: (refusal) => (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`Why ${refusal.reference}`}
          onClick={() => onOpen(refusal)}
        >
          Why?
        </Button>
      ),
    },
  ];
}
