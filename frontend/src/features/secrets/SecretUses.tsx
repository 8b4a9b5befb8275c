/** Which flows name a secret, when it was read last, and which secrets are missing. */
import { Alert, Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import { to } from "@/addresses";
import classes from "@/kit/StoreList.module.css";
import { When } from "@/kit/When";
import { useTenant } from "@/url";
import { type SecretUsage, secretUsageQuery } from "./queries";

/** Beside one secret in the table. */
export function SecretUses({ namespace, name }: { namespace: string; name: string }) {
  const { data } = useQuery(secretUsageQuery(useTenant(), namespace));
  const usage = data?.find(({ key, namespace: owner, state }) => {
    return key.toUpperCase() === name.toUpperCase() && owner === namespace && state !== "missing";
  });
  if (!usage) return null;
  return (
    <span className={classes.dim}>
      <Users usage={usage} none="No flow" />
      {usage.lastRead && (
        <>
          {" · read "}
          <When date={usage.lastRead.date} />
        </>
      )}
    </span>
  );
}

/** Secrets that flows ask for and nobody has set. */
export function MissingSecrets({ namespace }: { namespace: string }) {
  const { data } = useQuery(secretUsageQuery(useTenant(), namespace));
  const missing = (data ?? []).filter(({ state }) => state === "missing");
  if (missing.length === 0) return null;
  return (
    <Alert color="orange" variant="light" title="Flows ask for secrets that nobody has set">
      <ul>
        {missing.map((usage) => (
          <li key={usage.key}>
            <b>{usage.key}</b>: <Users usage={usage} none="" />
          </li>
        ))}
      </ul>
    </Alert>
  );
}

function Users({ usage, none }: { usage: SecretUsage; none: string }) {
  const tenant = useTenant();
  const others = [
    ...(usage.otherFlows > 0 ? [`${usage.otherFlows} more`] : []),
    ...usage.settings.map((name) => `settings of ${name}`),
  ];
  if (usage.flows.length === 0 && others.length === 0) return <>{none}</>;
  return (
    <>
      {usage.flows.map(({ namespace, id }, place) => (
        <Fragment key={`${namespace}/${id}`}>
          {place > 0 && ", "}
          <Anchor component={Link} to={to.flow(tenant, namespace, id)} inherit>
            {id}
          </Anchor>
        </Fragment>
      ))}
      {others.length > 0 && `${usage.flows.length > 0 ? ", " : ""}${others.join(", ")}`}
    </>
  );
}
