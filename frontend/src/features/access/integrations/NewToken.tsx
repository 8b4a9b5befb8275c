/** The address and the token to paste into the directory; the token this once. */
import { Code, Select, Text } from "@mantine/core";
import { useState } from "react";
import type { NewSecurityIntegration } from "@/api/types";
import { CopyText } from "@/kit/CopyText";
import { DialogForm } from "@/kit/DialogForm";
import { ShownOnce } from "@/kit/ShownOnce";
import { helpOf } from "./clients";
import classes from "./IntegrationPage.module.css";

interface ToPasteProps {
  made: NewSecurityIntegration;
  onClose: () => void;
}

export function ToPaste({ made, onClose }: ToPasteProps) {
  const help = helpOf(made.client);
  return (
    <ShownOnce noun="token" text={made.token} onClose={onClose}>
      <Text size="sm">
        In {help.label} the token goes into “{help.token}”, and this address into “{help.address}”:
      </Text>
      <Address text={made.endpoint} />
    </ShownOnce>
  );
}

export function Address({ text }: { text: string }) {
  return (
    <div className={classes.address}>
      <Code block className={classes.text} data-testid="address">
        {text}
      </Code>
      <CopyText value={text} label="Copy the address" />
    </div>
  );
}

const OVERLAPS = [
  { value: "PT1H", label: "One hour" },
  { value: "P1D", label: "One day" },
  { value: "P7D", label: "7 days" },
  { value: "PT0S", label: "Not at all" },
];

interface RotateProps {
  rotate: (overlap: string) => Promise<NewSecurityIntegration>;
  onClose: () => void;
}

export function Rotate({ rotate, onClose }: RotateProps) {
  const [overlap, setOverlap] = useState("P1D");
  const [made, setMade] = useState<NewSecurityIntegration>();
  if (made) return <ToPaste made={made} onClose={onClose} />;
  return (
    <DialogForm verb="Make a new token" send={async () => setMade(await rotate(overlap))} onClose={onClose}>
      <Text size="sm">
        The present token goes on for a while, until the new one is pasted into the directory.
      </Text>
      <Select
        label="The present one goes on for"
        data={OVERLAPS}
        value={overlap}
        onChange={(next) => next && setOverlap(next)}
        allowDeselect={false}
      />
    </DialogForm>
  );
}
