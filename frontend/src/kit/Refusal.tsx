/** Why the server did not take what was sent: field by field where it says so. */
import { Alert } from "@mantine/core";
import { ApiError, messageOf } from "@/api/errors";

export function Refusal({ error }: { error: unknown }) {
  const fields = error instanceof ApiError ? error.fields : [];
  return (
    <Alert color="red" variant="light" role="alert">
      {fields.length === 0 && messageOf(error)}
      {fields.map(({ path, message }) => (
        <div key={path + message}>
          {path && <strong>{path}: </strong>}
          {message}
        </div>
      ))}
    </Alert>
  );
}
