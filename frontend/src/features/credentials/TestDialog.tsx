/** Asking for a token to see whether one comes: each step, and where it ends. */
import { Button, Group, Stack } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Failure, RowsLoading } from "@/kit/Notices";
import { useTenant } from "@/url";
import { testCredential } from "./queries";
import classes from "./TestDialog.module.css";

const STEPS: Record<string, string> = {
  secrets: "Secrets",
  signature: "Signature",
  request: "Request",
  token: "Token",
};

export function TestDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const tenant = useTenant();
  const query = useQuery({
    queryKey: [tenant, "credential test", id],
    queryFn: () => testCredential(tenant, id),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return (
    <Stack gap="md">
      {query.isFetching && <RowsLoading rows={3} />}
      {query.isError && !query.isFetching && <Failure error={query.error} />}
      {query.data && !query.isFetching && (
        <>
          <ol className={classes.steps} aria-label="Steps">
            {query.data.steps.map((step) => (
              <li key={step.name} className={classes.step} data-failed={!step.success || undefined}>
                {step.success ? (
                  <IconCheck size={16} aria-label="done" />
                ) : (
                  <IconX size={16} aria-label="failed" />
                )}
                <span className={classes.name}>{STEPS[step.name]}</span>
                <span>{step.message}</span>
              </li>
            ))}
          </ol>
          <p role="status">
            {query.data.success ? "It works. The token was thrown away." : "No token was given."}
          </p>
        </>
      )}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={() => query.refetch()} loading={query.isFetching}>
          Try again
        </Button>
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  );
}
