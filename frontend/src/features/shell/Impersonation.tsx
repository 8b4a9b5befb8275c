/** Says on every page that one acts as somebody else, and ends it. */
import { Button } from "@mantine/core";
import { IconUserShare } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { meQuery, stopImpersonating } from "@/features/session/queries";
import { failed } from "@/kit/notify";
import classes from "./Impersonation.module.css";

export function Impersonation() {
  const me = useQuery(meQuery);
  const client = useQueryClient();
  const navigate = useNavigate();
  const impersonator = me.data?.impersonator;
  if (!impersonator) return null;

  async function stop() {
    try {
      await stopImpersonating();
      client.clear();
      await navigate({ to: "/" });
    } catch (error) {
      failed(error);
    }
  }

  return (
    <section className={classes.banner} aria-label="Acting as somebody else">
      <IconUserShare size={16} />
      <span>
        <strong>{impersonator.username}</strong> acts as <strong>{me.data?.profile?.username}</strong>. Every
        record names both.
      </span>
      <Button size="compact-sm" variant="white" color="dark" onClick={stop}>
        Be yourself again
      </Button>
    </section>
  );
}
