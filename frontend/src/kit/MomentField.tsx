/** A field for a point in time: shown in the reader's zone, kept as the API's text. */
import { TextInput } from "@mantine/core";
import { instantOf, localOf } from "./localTime";

interface MomentFieldProps {
  label: string;
  description?: string;
  required?: boolean;
  /** The API's text, or empty. */
  value: string;
  onChange: (value: string) => void;
}

export function MomentField({ value, onChange, ...field }: MomentFieldProps) {
  return (
    <TextInput
      {...field}
      type="datetime-local"
      step={1}
      value={localOf(value)}
      onChange={(event) => onChange(instantOf(event.currentTarget.value) ?? "")}
    />
  );
}
