/** The field for one input, by its type. */

import {
  FileInput,
  Input,
  MultiSelect,
  PasswordInput,
  SegmentedControl,
  Select,
  TagsInput,
  Textarea,
  TextInput,
} from "@mantine/core";
import type { FlowInput } from "@/api/types";
import { fileName } from "@/features/files/files";
import { instantOf, localOf } from "@/kit/localTime";
import { asList, type Checked, defaultText, type InputValue } from "./values";

export interface InputFieldProps {
  input: FlowInput;
  value: InputValue;
  checked: Checked | undefined;
  error: string | undefined;
  onChange: (value: InputValue) => void;
}

export function InputField(props: InputFieldProps) {
  const { input, value, checked, error, onChange } = props;
  const preset = defaultText(input, checked);
  const shared = {
    label: input.displayName ?? input.id,
    description: input.description,
    error,
    required: input.required !== false && preset === undefined,
    placeholder: preset ? `default: ${shorten(preset)}` : undefined,
  };
  const text = typeof value === "string" ? value : "";
  const onText = (event: { currentTarget: { value: string } }) =>
    onChange(event.currentTarget.value || undefined);

  switch (input.type as string) {
    case "INT":
    case "FLOAT":
      return (
        <TextInput
          {...shared}
          inputMode={input.type === "INT" ? "numeric" : "decimal"}
          autoComplete="off"
          value={text}
          onChange={onText}
        />
      );
    case "BOOL":
    case "BOOLEAN":
      return <BooleanField {...props} preset={preset} required={shared.required} />;
    case "SELECT":
    case "ENUM":
      return (
        <Select
          {...shared}
          data={input.values ?? allowedValues(checked)}
          value={text || null}
          onChange={(next) => onChange(next ?? undefined)}
          searchable
          clearable
        />
      );
    case "MULTISELECT":
      return (
        <MultiSelect
          {...shared}
          data={input.values ?? allowedValues(checked)}
          value={Array.isArray(value) ? value : []}
          onChange={(next) => onChange(next.length > 0 ? next : undefined)}
          searchable
          clearable
        />
      );
    case "ARRAY":
      return <ListField {...props} shared={shared} />;
    case "FILE":
      return (
        <FileInput
          {...shared}
          placeholder={text ? `kept: ${fileName(text)}` : (shared.placeholder ?? "Choose a file")}
          value={value instanceof File ? value : null}
          onChange={(file) => onChange(file ?? undefined)}
          accept={input.allowedFileExtensions?.join(",") ?? input.extension}
          clearable
        />
      );
    case "SECRET":
      return <PasswordInput {...shared} value={text} onChange={onText} autoComplete="off" />;
    case "JSON":
    case "YAML":
      return (
        <Textarea
          {...shared}
          value={text}
          onChange={onText}
          autosize
          minRows={3}
          maxRows={14}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
        />
      );
    case "DATETIME":
      return (
        <TextInput
          {...shared}
          type="datetime-local"
          step={1}
          value={localOf(text)}
          onChange={(event) => onChange(instantOf(event.currentTarget.value))}
        />
      );
    case "DATE":
      return <TextInput {...shared} type="date" value={text} onChange={onText} />;
    case "TIME":
      return <TextInput {...shared} type="time" step={1} value={text} onChange={onText} />;
    case "DURATION":
      return (
        <TextInput {...shared} placeholder={shared.placeholder ?? "PT1H30M"} value={text} onChange={onText} />
      );
    case "FORM":
    case "REUSABLE_INPUTS":
      return <Input.Wrapper label={shared.label} description={input.description} error={error} />;
    case "EMAIL":
      return <TextInput {...shared} type="email" value={text} onChange={onText} />;
    default:
      return <Textarea {...shared} value={text} onChange={onText} autosize minRows={1} maxRows={10} />;
  }
}

function BooleanField({
  input,
  value,
  error,
  onChange,
  preset,
  required,
}: InputFieldProps & { preset: string | undefined; required: boolean }) {
  const label = input.displayName ?? input.id;
  return (
    <Input.Wrapper label={label} description={input.description} error={error} required={required}>
      <div>
        <SegmentedControl
          mt={4}
          size="xs"
          aria-label={label}
          value={typeof value === "boolean" ? String(value) : (preset ?? "default")}
          onChange={(next) => onChange(next === "default" ? undefined : next === "true")}
          data={[
            { value: "true", label: "True" },
            { value: "false", label: "False" },
            ...(preset === undefined ? [{ value: "default", label: "Not set" }] : []),
          ]}
        />
      </div>
    </Input.Wrapper>
  );
}

interface Shared {
  label: string;
  description: string | undefined;
  error: string | undefined;
  required: boolean;
  placeholder: string | undefined;
}

function ListField({ value, onChange, shared }: InputFieldProps & { shared: Shared }) {
  const items = asList(value);
  return (
    <TagsInput
      {...shared}
      placeholder={items.length === 0 ? (shared.placeholder ?? "Press Enter after each item") : undefined}
      value={items}
      onChange={(next) => onChange(next.length > 0 ? next : undefined)}
      allowDuplicates
      clearable
    />
  );
}

function allowedValues(checked: Checked | undefined): string[] {
  return (checked?.input as FlowInput | undefined)?.values ?? [];
}

function shorten(text: string): string {
  return text.length > 70 ? `${text.slice(0, 70)}…` : text;
}
