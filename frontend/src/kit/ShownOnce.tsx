/** A secret text that is shown this once, to be copied. */
import { Alert, Button, Code, Group, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { CopyText } from "./CopyText";
import classes from "./ShownOnce.module.css";

interface ShownOnceProps {
  /** What it is: "token". */
  noun: string;
  text: string;
  children?: ReactNode;
  onClose: () => void;
}

export function ShownOnce({ noun, text, children, onClose }: ShownOnceProps) {
  return (
    <Stack gap="md">
      <Alert color="yellow" variant="light">
        Copy the {noun} now. It is not shown again.
      </Alert>
      <div className={classes.secret}>
        <Code block className={classes.text} data-testid="token">
          {text}
        </Code>
        <CopyText value={text} label={`Copy the ${noun}`} />
      </div>
      {children}
      <Group justify="flex-end">
        <Button onClick={onClose}>I have copied it</Button>
      </Group>
    </Stack>
  );
}
