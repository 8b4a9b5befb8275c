/** What the whole tenant is asked for is known beforehand; of a namespace the server tells. */
import type { ReactElement } from "react";
import { Allowed } from "@/features/access/Allowed";
import type { Place } from "./queries";

interface WhereAllowedProps {
  place: Place;
  children: ReactElement<Record<string, unknown>>;
}

export function WhereAllowed({ place, children }: WhereAllowedProps) {
  return place.namespace ? children : <Allowed right="POLICY.UPDATE">{children}</Allowed>;
}
