/** What a page shows instead of content: nothing yet, not possible, still loading. */
import { Button, Skeleton } from "@mantine/core";
import { IconCloudOff, IconLock, IconMoodPuzzled, IconRefresh } from "@tabler/icons-react";
import type { ComponentType, ReactNode } from "react";
import { isStatus, messageOf, NetworkError, referenceOf } from "@/api/errors";
import classes from "./Notices.module.css";

export type Icon = ComponentType<{ size?: number; stroke?: number }>;

interface EmptyProps {
  icon: Icon;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  /** The notice is the whole page, so its title is the page's. */
  isPage?: boolean;
}

export function Empty({ icon: Icon, title, children, actions, isPage = false }: EmptyProps) {
  const Title = isPage ? "h1" : "h2";
  return (
    <div className={classes.notice}>
      <div className={classes.icon}>
        <Icon size={24} stroke={1.5} />
      </div>
      <Title className={classes.title}>{title}</Title>
      {children && <div className={classes.text}>{children}</div>}
      {actions && <div className={classes.actions}>{actions}</div>}
    </div>
  );
}

export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const retry = onRetry && (
    <Button variant="default" leftSection={<IconRefresh size={14} />} onClick={onRetry}>
      Try again
    </Button>
  );
  const reference = referenceOf(error);
  return (
    <div role="alert">
      <Empty icon={iconOf(error)} title={titleOf(error)} actions={retry}>
        {messageOf(error)}
        {reference && (
          <div>
            Reference <span className="mono">{reference}</span>{" "}
            {isStatus(error, 403) && <WhyLink reference={reference} />}
          </div>
        )}
      </Empty>
    </div>
  );
}

/** Where the reference of a refusal is looked up, inside of a tenant. */
function WhyLink({ reference }: { reference: string }) {
  const [, , tenant] = window.location.pathname.split("/");
  if (!tenant || !reference) return null;
  return (
    <a className="link" href={`/ui/${tenant}/access/why?reference=${encodeURIComponent(reference)}`}>
      Why?
    </a>
  );
}

/** Rows of the height that the real ones will have, so that nothing jumps. */
export function RowsLoading({ rows = 8, height = 36 }: { rows?: number; height?: number }) {
  return (
    <div role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className={classes.row} style={{ height }}>
          <Skeleton height={10} width={`${30 + ((index * 37) % 50)}%`} radius="sm" />
        </div>
      ))}
    </div>
  );
}

function titleOf(error: unknown): string {
  if (error instanceof NetworkError) return "No connection to the server";
  if (isStatus(error, 403)) return "Not allowed";
  if (isStatus(error, 404)) return "Not found";
  return "This did not work";
}

function iconOf(error: unknown): Icon {
  if (error instanceof NetworkError) return IconCloudOff;
  return isStatus(error, 403) ? IconLock : IconMoodPuzzled;
}
