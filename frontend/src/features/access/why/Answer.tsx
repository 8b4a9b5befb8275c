/** An answer to why: allowed or not, by which bindings, or what the nearest of them lack. */
import { Link } from "@tanstack/react-router";
import { to } from "@/addresses";
import type { Explanation } from "@/api/types";
import { Tag } from "@/kit/Tag";
import { useTenant } from "@/url";
import classes from "./Why.module.css";

export function Answer({ explanation }: { explanation: Explanation }) {
  const { allowed, reason, subject, permission, namespace, chain, nearest } = explanation;
  const bindings = allowed ? chain : nearest;
  return (
    <section className={classes.answer} aria-label="Answer">
      <div className={classes.verdict}>
        <Tag tone={allowed ? "good" : "bad"}>{allowed ? "Allowed" : "Not allowed"}</Tag>
        <strong>{subject.name}</strong>: <span className="mono">{permission}</span>{" "}
        {namespace ? `in ${namespace}` : "in the whole tenant"}
      </div>
      <p>{reason}</p>
      {bindings.length > 0 && <h3>{allowed ? "By" : "The nearest bindings, and what each lacks"}</h3>}
      <ol className={classes.chain}>
        {bindings.map((binding) => (
          <li key={binding.bindingId}>
            <Step binding={binding} subject={subject.name} />
            {binding.lacks?.map((lack) => (
              <div key={lack} className={classes.lack}>
                {lack}
              </div>
            ))}
          </li>
        ))}
      </ol>
    </section>
  );
}

type Binding = Explanation["chain"][number];

function Step({ binding: { group, role, namespace }, subject }: { binding: Binding; subject: string }) {
  const tenant = useTenant();
  return (
    <>
      {subject}
      {group && (
        <>
          {" → "}
          <Link className="link" to={to.group(tenant, group.id)}>
            group {group.name}
          </Link>
        </>
      )}
      {" → "}
      <Link className="link" to={to.role(tenant, role.id)}>
        role {role.name}
      </Link>
      {" → "}
      {namespace ? <span className="mono">{namespace}</span> : "the whole tenant"}
    </>
  );
}
