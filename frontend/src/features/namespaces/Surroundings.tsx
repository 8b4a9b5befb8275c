/** What a namespace and those above it give to flows, each thing with the namespace that gives it. */
import { queryOptions } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { to } from "@/addresses";
import { api, call } from "@/api/client";
import type { Surroundings } from "@/api/types";
import { Tag } from "@/kit/Tag";
import { Value } from "@/kit/Value";
import classes from "./NamespaceSettings.module.css";

export function surroundingsQuery(tenant: string, namespace: string) {
  return queryOptions({
    queryKey: [tenant, "namespace", namespace, "surroundings"],
    queryFn: () =>
      call<Surroundings>(
        api.GET("/api/v1/{tenant}/namespaces/{namespace}/surroundings", {
          params: { path: { tenant, namespace } },
        }),
      ),
  });
}

interface VariableFactsProps {
  tenant: string;
  variables: Surroundings["variables"];
}

export function VariableFacts({ tenant, variables }: VariableFactsProps) {
  return (
    <dl className={classes.gifts}>
      {variables.map(({ name, value, namespace }) => (
        <div key={`${namespace}/${name}`}>
          <dt>
            <code>{name}</code>
            <From tenant={tenant} namespace={namespace} />
          </dt>
          <dd>
            <Value value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

interface DefaultFactsProps {
  tenant: string;
  defaults: Surroundings["pluginDefaults"];
}

export function DefaultFacts({ tenant, defaults }: DefaultFactsProps) {
  return (
    <dl className={classes.gifts}>
      {defaults.map(({ type, forced, values, namespace }, index) => (
        <div key={index}>
          <dt>
            <code>{type}</code>
            {forced && <Tag>forced</Tag>}
            <From tenant={tenant} namespace={namespace} />
          </dt>
          <dd>
            <Value value={values} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function From({ tenant, namespace }: { tenant: string; namespace: string }) {
  return (
    <span className={classes.from}>
      from{" "}
      <Link className="link" to={to.namespace(tenant, namespace, "settings")}>
        {namespace}
      </Link>
    </span>
  );
}
