/** A field for a point in time: shown in the reader's zone, kept as the API's text. */
import { TextInput } from "@mantine/core";

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
      value={localTime(value)}
      onChange={(event) => onChange(instant(event.currentTarget.value))}
    />
  );
}

/** As the browser's field wants it: local, without a zone. */
export function localTime(text: string): string {
  if (!text) return "";
  const date = new Date(text);
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19);
}

function instant(local: string): string {
  return local ? new Date(local).toISOString() : "";
}
