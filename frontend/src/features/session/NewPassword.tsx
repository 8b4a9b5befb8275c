/** The field for a new password: it says what the password lacks while it is typed. */
import { PasswordInput, type PasswordInputProps } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { passwordProblem } from "./password";
import { setupQuery } from "./queries";

export interface NewPasswordState {
  value: string;
  set: (value: string) => void;
  /** What it lacks by the rules of the instance; nothing while it is empty. */
  weakness: string | undefined;
}

export function useNewPassword(): NewPasswordState {
  const setup = useQuery(setupQuery);
  const [value, set] = useState("");
  const weakness = value ? passwordProblem(value, setup.data?.passwordConfiguration) : undefined;
  return { value, set, weakness };
}

interface NewPasswordProps extends PasswordInputProps {
  state: NewPasswordState;
}

export function NewPassword({ state, label = "New password", ...others }: NewPasswordProps) {
  return (
    <PasswordInput
      label={label}
      autoComplete="new-password"
      required
      {...others}
      error={state.weakness}
      aria-invalid={state.weakness ? true : undefined}
      value={state.value}
      onChange={(event) => state.set(event.currentTarget.value)}
    />
  );
}
