/** The fields above a list; what they hold is in the address. */
import { Autocomplete, Button, CloseButton, TagsInput, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { api, call } from "@/api/client";
import { useTenant } from "@/url";
import classes from "./Filters.module.css";
import { useShortcut } from "./shortcuts";

export function FilterBar({ children, onClear }: { children: ReactNode; onClear?: () => void }) {
  return (
    <search className={classes.bar}>
      {children}
      {onClear && (
        <Button variant="subtle" color="gray" onClick={onClear}>
          Clear filters
        </Button>
      )}
    </search>
  );
}

interface TextFilterProps {
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  label: string;
}

export function SearchFilter({ value, onChange, label }: TextFilterProps) {
  const [text, setText] = useTyped(value, onChange);
  const input = useRef<HTMLInputElement>(null);
  useShortcut("/", "Search in the list", () => input.current?.focus());
  return (
    <TextInput
      size="xs"
      ref={input}
      className={classes.search}
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={14} />}
      rightSection={
        text && <CloseButton size="xs" aria-label="Empty the search" onClick={() => setText("")} />
      }
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
    />
  );
}

export function TextFilter({ value, onChange, label }: TextFilterProps) {
  const [text, setText] = useTyped(value, onChange);
  return (
    <TextInput
      size="xs"
      className={classes.namespace}
      aria-label={label}
      placeholder={label}
      rightSection={
        text && <CloseButton size="xs" aria-label={`Empty ${label}`} onClick={() => setText("")} />
      }
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
    />
  );
}

export function NamespaceFilter({ value, onChange }: Omit<TextFilterProps, "label">) {
  const tenant = useTenant();
  const [text, setText] = useTyped(value, onChange);
  const names = useQuery({
    queryKey: [tenant, "namespaces", "autocomplete", text],
    queryFn: () =>
      call<string[]>(
        api.POST("/api/v1/{tenant}/namespaces/autocomplete", {
          params: { path: { tenant } },
          body: { q: text },
        }),
      ),
    placeholderData: (before) => before,
    staleTime: 30_000,
  });
  return (
    <Autocomplete
      size="xs"
      className={classes.namespace}
      aria-label="Namespace and below"
      placeholder="Namespace"
      data={names.data ?? []}
      value={text}
      onChange={setText}
      clearable
    />
  );
}

export function LabelsFilter({ value, onChange }: Omit<TextFilterProps, "label">) {
  return (
    <TagsInput
      size="xs"
      className={classes.labels}
      aria-label="Labels, each as key:value"
      placeholder={value ? undefined : "Labels, key:value"}
      value={value ? value.split(",") : []}
      onChange={(labels) => onChange(labels.filter((label) => label.includes(":")).join(",") || undefined)}
      splitChars={[",", " "]}
    />
  );
}

/** Text that is typed now and reaches the address when the typing pauses. */
function useTyped(value: string | undefined, onChange: (value: string | undefined) => void) {
  const [text, setText] = useState(value ?? "");
  const sent = useRef(value ?? "");
  const send = useDebouncedCallback((next: string) => {
    sent.current = next;
    onChange(next || undefined);
  }, 250);
  useEffect(() => {
    if ((value ?? "") !== sent.current) {
      sent.current = value ?? "";
      setText(value ?? "");
    }
  }, [value]);
  return [
    text,
    (next: string) => {
      setText(next);
      send(next);
    },
  ] as const;
}

/** `team:sales,env:prod` as the map that the API filters by. */
export function labelMap(text: string | undefined): Record<string, string> {
  const pairs = (text ?? "").split(",").filter((pair) => pair.includes(":"));
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf(":")), pair.slice(pair.indexOf(":") + 1)]),
  );
}
