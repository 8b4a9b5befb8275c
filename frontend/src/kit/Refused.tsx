/** A control that says why it may not be used, instead of a refusal after the click. */
import { Tooltip } from "@mantine/core";
import { cloneElement, type MouseEvent, type ReactElement } from "react";

interface RefusedProps {
  /** Nothing where it may be used. */
  reason: string | undefined;
  /** Told of it where it may be used. */
  hint?: string;
  children: ReactElement<Record<string, unknown>>;
}

export function Refused({ reason, hint, children }: RefusedProps) {
  // It stays in reach of the keyboard, so that the reason can be read there too.
  const refused = {
    "data-disabled": true,
    "aria-disabled": true,
    onClick: (event: MouseEvent) => event.preventDefault(),
  };
  return (
    <Tooltip
      disabled={!reason && !hint}
      label={reason ?? hint}
      events={{ hover: true, focus: true, touch: true }}
    >
      {reason ? cloneElement(children, refused) : children}
    </Tooltip>
  );
}
