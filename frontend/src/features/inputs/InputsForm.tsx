/** A form made from the inputs that a flow or a pause declares. */
import { Alert, Stack } from "@mantine/core";
import type { FlowInput } from "@/api/types";
import { InputField } from "./InputField";
import { type Checked, type InputValue, type InputValues, leftOut, problemsOf } from "./values";

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
      {inputs.map((input) => {
        const checked = results.get(input.id);
        const out = leftOut(checked);
        if (out) return out.why && <LeftOut key={input.id} input={input} why={out.why} />;
        return (
          <InputField
            key={input.id}
            input={input}
            value={values[input.id]}
            checked={checked}
            error={problemsOf(checked, values[input.id], touched)}
            onChange={(value) => onChange(input.id, value)}
          />
        );
      })}
    </Stack>
  );
}

/** Whether it is asked for could not be told; the start goes on without it. */
function LeftOut({ input, why }: { input: FlowInput; why: string }) {
  return (
    <Alert color="yellow" variant="light" title={`${input.displayName ?? input.id} is left out`}>
      {why}
    </Alert>
  );
}
