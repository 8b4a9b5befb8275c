/** The form of a new API token, and the token itself, this once. */
import { Select, TagsInput, Text } from "@mantine/core";
import { useState } from "react";
import type { NewApiToken } from "@/api/types";
import { DialogForm } from "@/kit/DialogForm";
import { ShownOnce } from "@/kit/ShownOnce";
import { NameAndPurpose, type Named } from "./NameAndPurpose";

const AGES = [
  { value: "P7D", label: "7 days" },
  { value: "P30D", label: "30 days" },
  { value: "P90D", label: "90 days" },
  { value: "P365D", label: "One year" },
];

export interface TokenDraft {
  name: string;
  description?: string;
  /** An ISO-8601 duration. */
  maxAge: string;
  allowedCidrs?: string[];
}

interface CreateTokenProps {
  withNetworks?: boolean;
  create: (draft: TokenDraft) => Promise<NewApiToken>;
  onClose: () => void;
}

export function CreateToken({ withNetworks, create, onClose }: CreateTokenProps) {
  const [named, setNamed] = useState<Named>({ name: "", description: "" });
  const [maxAge, setMaxAge] = useState("P90D");
  const [networks, setNetworks] = useState<string[]>([]);
  const [created, setCreated] = useState<NewApiToken>();

  async function send() {
    const limits = networks.length > 0 ? { allowedCidrs: networks } : {};
    const { name, description } = named;
    setCreated(await create({ name, description: description || undefined, maxAge, ...limits }));
  }

  if (created) return <ShownOnce noun="token" text={created.fullToken} onClose={onClose} />;
  return (
    <DialogForm verb="Create" send={send} onClose={onClose}>
      <NameAndPurpose value={named} placeholder="my-laptop" onChange={setNamed} />
      <Select
        label="Valid for"
        data={AGES}
        value={maxAge}
        onChange={(next) => next && setMaxAge(next)}
        allowDeselect={false}
      />
      {withNetworks && (
        <TagsInput
          label="Only from networks"
          description="CIDR ranges; none means from anywhere."
          placeholder={networks.length === 0 ? "10.0.0.0/8" : undefined}
          splitChars={[",", " "]}
          acceptValueOnBlur
          value={networks}
          onChange={setNetworks}
        />
      )}
    </DialogForm>
  );
}

const OVERLAPS = [
  { value: "PT1H", label: "One hour" },
  { value: "P1D", label: "One day" },
  { value: "P7D", label: "7 days" },
  { value: "PT0S", label: "Not at all" },
];

interface RotateTokenProps {
  rotate: (overlap: string) => Promise<NewApiToken>;
  onClose: () => void;
}

export function RotateToken({ rotate, onClose }: RotateTokenProps) {
  const [overlap, setOverlap] = useState("P1D");
  const [created, setCreated] = useState<NewApiToken>();
  if (created) return <ShownOnce noun="token" text={created.fullToken} onClose={onClose} />;
  return (
    <DialogForm verb="Rotate" send={async () => setCreated(await rotate(overlap))} onClose={onClose}>
      <Text size="sm">
        A new token is made. The present one goes on for a while, until the new one is in use.
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
