/** A button that says which right is missing, instead of a refusal after the click. */
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { Refused } from "@/kit/Refused";
import { useTenant } from "@/url";
import { lackOf, may, rightsQuery } from "./rights";

interface AllowedProps {
  /** Written `ROLE.CREATE`. */
  right: string;
  /** A group that its owners may look after without the right. */
  group?: string;
  children: ReactElement<Record<string, unknown>>;
}

export function Allowed({ right, group, children }: AllowedProps) {
  return <Refused reason={useLack(right, group)}>{children}</Refused>;
}

/** What whoever is signed in lacks for it, as a sentence; nothing where they lack nothing, or it is not known yet. */
export function useLack(right: string, group?: string): string | undefined {
  const { data } = useQuery(rightsQuery(useTenant()));
  const owns = group !== undefined && data?.ownedGroups.includes(group);
  return !data || owns || may(data, right) ? undefined : lackOf(right);
}
