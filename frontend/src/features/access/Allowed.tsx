/** A button that says which right is missing, instead of a refusal after the click. */
import { Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { cloneElement, type MouseEvent, type ReactElement } from "react";
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
  const rights = useQuery(rightsQuery(useTenant()));
  const owns = group !== undefined && rights.data?.ownedGroups.includes(group);
  const allowed = !rights.data || owns || may(rights.data, right);
  // It stays in reach of the keyboard, so that the reason can be read there too.
  const refused = {
    "data-disabled": true,
    "aria-disabled": true,
    onClick: (event: MouseEvent) => event.preventDefault(),
  };
  return (
    <Tooltip disabled={allowed} label={lackOf(right)} events={{ hover: true, focus: true, touch: true }}>
      {allowed ? children : cloneElement(children, refused)}
    </Tooltip>
  );
}
