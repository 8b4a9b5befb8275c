/** Fields that find things on the server as one types: one of them, or several. */
import { MultiSelect, Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { type QueryKey, useQuery } from "@tanstack/react-query";
import { useState } from "react";

export interface Choice {
  value: string;
  label: string;
}

interface Finding {
  label: string;
  description?: string;
  placeholder?: string;
  required?: boolean;
  queryKey: QueryKey;
  find: (text: string) => Promise<Choice[]>;
  "data-autofocus"?: boolean;
}

export function Picker({
  value,
  onChange,
  queryKey,
  find,
  ...field
}: Finding & { value: Choice | undefined; onChange: (choice: Choice | undefined) => void }) {
  const { data, text, setText } = useFound(queryKey, find, value ? [value] : []);
  return (
    <Select
      {...field}
      data={data}
      filter={({ options }) => options}
      searchable
      openOnFocus={false}
      clearable
      nothingFoundMessage="Nothing found"
      searchValue={text}
      onSearchChange={setText}
      value={value?.value ?? null}
      onChange={(next) => onChange(data.find((choice) => choice.value === next))}
    />
  );
}

export function ManyPicker({
  value,
  onChange,
  queryKey,
  find,
  ...field
}: Finding & { value: Choice[]; onChange: (choices: Choice[]) => void }) {
  const { data, text, setText } = useFound(queryKey, find, value);
  return (
    <MultiSelect
      {...field}
      placeholder={value.length > 0 ? undefined : field.placeholder}
      data={data}
      filter={({ options }) => options}
      searchable
      openOnFocus={false}
      clearable
      hidePickedOptions
      nothingFoundMessage="Nothing found"
      searchValue={text}
      onSearchChange={setText}
      value={value.map((choice) => choice.value)}
      onChange={(next) => onChange(data.filter((choice) => next.includes(choice.value)))}
    />
  );
}

/** What is chosen is always among what is offered, so that it keeps its name. */
function useFound(queryKey: QueryKey, find: (text: string) => Promise<Choice[]>, chosen: Choice[]) {
  const [text, setText] = useState("");
  const isLabel = chosen.some(({ label }) => label === text);
  const [typed] = useDebouncedValue(isLabel ? "" : text, 150);
  const found = useQuery({
    queryKey: [...queryKey, "find", typed],
    queryFn: () => find(typed),
    placeholderData: (before) => before,
    staleTime: 10_000,
  });
  const all = [...chosen, ...(found.data ?? [])];
  const data = [...new Map(all.map((choice) => [choice.value, choice])).values()];
  return { data, text, setText };
}
