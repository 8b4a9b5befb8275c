/** What shows when a page cannot be shown. */
import { Button } from "@mantine/core";
import { IconMapOff } from "@tabler/icons-react";
import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import { Empty, Failure } from "@/kit/Notices";

export function PageFailure({ error, reset }: ErrorComponentProps) {
  return <Failure error={error} onRetry={reset} />;
}

export function NotFoundPage() {
  return (
    <main>
      <Empty
        isPage
        icon={IconMapOff}
        title="There is no page here"
        actions={
          <Button component={Link} to="/" variant="default">
            Go to the start
          </Button>
        }
      >
        The address may be mistyped, or what it led to is gone.
      </Empty>
    </main>
  );
}
