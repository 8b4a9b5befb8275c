/** A form made from the inputs that a flow or a pause declares. */
import { Stack } from "@mantine/core";
import type { FlowInput } from "@/api/types";
import { InputField } from "./InputField";
import { type Checked, type InputValue, type InputValues, problemsOf } from "./values";

interface InputsFormProps {
  inputs: FlowInput[];
  values: InputValues;
  onChange: (id: string, value: InputValue) => void;
  checked: Checked[] | undefined;
  /** Show what is missing too: set once the person has tried to send the form. */
  touched: boolean;
}

export function InputsForm({ inputs, values, onChange, checked, touched }: InputsFormProps) {
  const results = new Map(checked?.map((result) => [result.input.id, result]));
  return (
    <Stack gap="md">
      {inputs
        .filter(({ id }) => results.get(id)?.enabled !== false)
        .map((input) => (
          <InputField
            key={input.id}
            input={input}
            value={values[input.id]}
            checked={results.get(input.id)}
            error={problemsOf(results.get(input.id), values[input.id], touched)}
            onChange={(value) => onChange(input.id, value)}
          />
        ))}
    </Stack>
  );
}
