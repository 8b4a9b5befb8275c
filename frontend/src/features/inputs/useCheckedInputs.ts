/** Asks the server, a moment after the last change, what it makes of the inputs so far. */

import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { send } from "@/api/client";
import { jsonOf } from "@/api/json";
import type { Part } from "@/api/multipart";
import type { FlowInput, ValidatedInputs } from "@/api/types";
import { formOrNothing, type InputValues, toParts } from "./values";

export function useCheckedInputs(path: string, inputs: FlowInput[], values: InputValues, enabled = true) {
  const [settled] = useDebouncedValue(values, 300);
  return useQuery({
    queryKey: ["inputs", path, described(settled)],
    queryFn: ({ signal }) => check(path, toParts(inputs, settled), signal),
    enabled,
    placeholderData: (before) => before,
    staleTime: 30_000,
  });
}

async function check(path: string, parts: Part[], signal: AbortSignal): Promise<ValidatedInputs | undefined> {
  const response = await send(path, { method: "POST", body: formOrNothing(parts), signal });
  if (response.status === 204) return undefined;
  const answer = await jsonOf<ValidatedInputs | ValidatedInputs[]>(response);
  return Array.isArray(answer) ? answer[0] : answer;
}

function described(values: InputValues): unknown {
  return Object.entries(values).map(([id, value]) => [
    id,
    value instanceof File ? [value.name, value.size, value.lastModified] : value,
  ]);
}
