/** What an operator tells everybody, on every page: announcements, kill switches that apply here, maintenance. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { KillSwitch } from "@/api/types";
import { concerns, scopeText } from "@/features/killswitches/scope";
import { configQuery } from "@/features/session/queries";
import type { Tone } from "@/kit/states";
import classes from "./Banners.module.css";
import { shownQuery } from "./queries";
import { TONES } from "./tones";

const VERBS = { KILL: "are killed", CANCEL: "are cancelled", IGNORE: "are held", PASS: "pass" };

/** On a page of a tenant, maybe of one namespace. */
export function Banners({ tenant, namespace }: { tenant: string; namespace?: string }) {
  const config = useQuery({ ...configQuery, refetchInterval: 60_000 });
  const switches = (config.data?.killSwitches ?? []) as KillSwitch[];
  return (
    <>
      <Announced tenant={tenant} />
      {switches
        .filter((each) => concerns(each, tenant, namespace))
        .map((each) => (
          <Banner key={each.id} tone="bad">
            <strong>{each.name}</strong>
            <span>
              Executions of {scopeText(each)} {VERBS[each.evaluationType]}
              {each.description ? `: ${each.description}` : "."}
            </span>
          </Banner>
        ))}
      {config.data?.inMaintenance && (
        <Banner tone="warn">
          The instance is in maintenance: nothing new starts, running work is being finished.
        </Banner>
      )}
    </>
  );
}

/** The announcements alone: for everybody, and for a tenant. */
export function Announced({ tenant }: { tenant?: string }) {
  const shown = useQuery(shownQuery(tenant));
  return shown.data?.map(({ id, type, message }) => (
    <Banner key={id} tone={TONES[type]}>
      {message}
    </Banner>
  ));
}

function Banner({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <div role="status" className={classes.banner} data-tone={tone}>
      {children}
    </div>
  );
}
