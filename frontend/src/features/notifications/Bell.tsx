/** Says how much is unread, and what it is. */
import { ActionIcon, Button, Indicator, Popover, Tooltip, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBell } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Notification } from "@/api/types";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { failed } from "@/kit/notify";
import { When } from "@/kit/When";
import classes from "./Bell.module.css";
import { latestQuery, markAllRead, markRead, unreadQuery } from "./queries";

export function Bell() {
  const [opened, { toggle, close }] = useDisclosure();
  const unread = useQuery(unreadQuery);
  const count = unread.data ?? 0;
  const label = count === 0 ? "Notifications" : `Notifications, ${count} unread`;
  return (
    <Popover opened={opened} onChange={close} position="bottom-end" width={340} trapFocus>
      <Popover.Target>
        <Tooltip label={label}>
          <Indicator disabled={count === 0} label={count > 99 ? "99+" : count} size={15} offset={5}>
            <ActionIcon aria-label={label} aria-expanded={opened} onClick={toggle}>
              <IconBell size={16} />
            </ActionIcon>
          </Indicator>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p={4}>{opened && <Latest count={count} />}</Popover.Dropdown>
    </Popover>
  );
}

function Latest({ count }: { count: number }) {
  const client = useQueryClient();
  const latest = useQuery(latestQuery);
  async function mark(marking: Promise<unknown>) {
    try {
      await marking;
      await client.invalidateQueries({ queryKey: ["notifications"] });
    } catch (error) {
      failed(error);
    }
  }
  if (latest.isError) return <Failure error={latest.error} onRetry={latest.refetch} />;
  if (!latest.data) return <RowsLoading rows={3} />;
  const { notifications } = latest.data;
  if (notifications.length === 0) {
    return (
      <Empty icon={IconBell} title="Nothing to tell">
        What you should know comes here, such as a worker group that has fallen silent.
      </Empty>
    );
  }
  return (
    <section className={classes.list} aria-label="Notifications">
      <div className={classes.head}>
        Notifications
        <Button size="compact-xs" variant="subtle" disabled={count === 0} onClick={() => mark(markAllRead())}>
          Mark all read
        </Button>
      </div>
      {notifications.map((each) => (
        <Row key={each.id} of={each} onRead={() => mark(markRead(each.id))} />
      ))}
    </section>
  );
}

function Row({ of, onRead }: { of: Notification; onRead: () => void }) {
  const { title, read, current, total, updatedDate } = of;
  return (
    <UnstyledButton className={classes.row} data-unread={read ? undefined : true} onClick={onRead}>
      <span>
        {title}
        {total !== undefined && <span className={classes.dim}> {`${current ?? 0} of ${total}`}</span>}
      </span>
      <span className={classes.dim}>
        <When date={updatedDate} />
      </span>
    </UnstyledButton>
  );
}
