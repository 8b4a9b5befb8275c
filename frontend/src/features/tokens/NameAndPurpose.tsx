/** What a machine or a token is called and what it is for: both are named as hosts are. */
import { TextInput } from "@mantine/core";

export interface Named {
  name: string;
  description: string;
}

interface NameAndPurposeProps {
  value: Named;
  placeholder: string;
  onChange: (value: Named) => void;
}

export function NameAndPurpose({ value, placeholder, onChange }: NameAndPurposeProps) {
  return (
    <>
      <TextInput
        label="Name"
        description="As in a host name: small letters and digits, in groups with hyphens."
        placeholder={placeholder}
        required
        maxLength={63}
        pattern="[a-z0-9]+(-[a-z0-9]+)*"
        title="Small letters and digits, in groups with hyphens"
        value={value.name}
        onChange={(event) => onChange({ ...value, name: event.currentTarget.value })}
        data-autofocus
      />
      <TextInput
        label="What it is for"
        value={value.description}
        onChange={(event) => onChange({ ...value, description: event.currentTarget.value })}
      />
    </>
  );
}
