/** A role as YAML, to read, to copy and to paste: also with the older names of rights, which the server spells out. */
import { Button, Modal, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCode } from "@tabler/icons-react";
import { useState } from "react";
import { ApiError } from "@/api/errors";
import { parseYaml, stringifyYaml } from "@/api/yaml";
import { isMap } from "@/features/files/files";
import { CopyText } from "@/kit/CopyText";
import { DialogForm } from "@/kit/DialogForm";
import type { Permissions } from "./matrix";
import type { RoleDraft } from "./queries";

interface RoleSourceProps {
  draft: RoleDraft;
  /** Absent where it can only be read. */
  onRead: ((change: Partial<RoleDraft>) => void) | undefined;
}

export function RoleSource({ draft, onRead }: RoleSourceProps) {
  const [opened, dialog] = useDisclosure();
  return (
    <>
      <Button variant="default" leftSection={<IconCode size={14} />} onClick={dialog.open}>
        YAML
      </Button>
      <Modal opened={opened} onClose={dialog.close} title="Role as YAML" size={560}>
        <SourceForm draft={draft} onRead={onRead} onClose={dialog.close} />
      </Modal>
    </>
  );
}

function SourceForm({ draft, onRead, onClose }: RoleSourceProps & { onClose: () => void }) {
  const { name, description, permissions } = draft;
  const [text, setText] = useState(() => stringifyYaml({ name, description, permissions }));
  async function read() {
    onRead?.(roleIn(text));
    onClose();
  }
  return (
    <DialogForm verb={onRead ? "Take over" : "Close"} send={read} onClose={onClose}>
      <Textarea
        label="Source"
        description="Rights by resource. READ, CREATE, UPDATE and DELETE of older roles are understood."
        autosize
        minRows={8}
        maxRows={20}
        readOnly={!onRead}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        rightSection={<CopyText value={text} label="Copy the role" />}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 12 } }}
        data-autofocus
      />
    </DialogForm>
  );
}

/** Throws what is wrong with it; which rights there are is the server's to say. */
export function roleIn(text: string): Partial<RoleDraft> {
  const value = read(text);
  const permissions = isMap(value) ? (value.permissions ?? (value.name ? {} : value)) : undefined;
  if (!isMap(value) || !isMap(permissions))
    throw new ApiError(422, "A map of rights by resource is expected.");
  const listed: Permissions = {};
  for (const [resource, actions] of Object.entries(permissions)) {
    if (!Array.isArray(actions)) throw new ApiError(422, `${resource}: a list of actions is expected.`);
    listed[resource] = actions.map(String);
  }
  return {
    permissions: listed,
    ...(typeof value.name === "string" ? { name: value.name } : {}),
    ...(typeof value.description === "string" ? { description: value.description } : {}),
  };
}

function read(text: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    throw new ApiError(422, `This is not valid YAML: ${String(error)}`);
  }
}
