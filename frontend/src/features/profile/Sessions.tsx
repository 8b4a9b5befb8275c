/** Where one is signed in, and how to end that. */

import { Button } from "@mantine/core";
import { IconDeviceDesktop } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { MySession } from "@/api/types";
import { Section } from "@/kit/Facts";
import { Failure, RowsLoading } from "@/kit/Notices";
import { done, failed } from "@/kit/notify";
import { Tag } from "@/kit/Tag";
import { When } from "@/kit/When";
import classes from "./ProfilePage.module.css";

const sessionsKey = ["me", "sessions"];

export function Sessions() {
  const client = useQueryClient();
  const sessions = useQuery({
    queryKey: sessionsKey,
    queryFn: () => call<MySession[]>(api.GET("/api/v1/me/sessions")),
  });
  const refresh = () => client.invalidateQueries({ queryKey: sessionsKey });
  const act = (run: Promise<unknown>, said: string) =>
    run
      .then(refresh)
      .then(() => done(said))
      .catch(failed);
  const list = sessions.data ?? [];
  const end = (sessionId: string) =>
    call(api.DELETE("/api/v1/me/sessions/{sessionId}", { params: { path: { sessionId } } }));
  return (
    <Section
      title="Sessions"
      aside={
        list.length > 1 && (
          <Button
            variant="default"
            onClick={() => act(call(api.DELETE("/api/v1/me/sessions")), "All others have ended")}
          >
            End all others
          </Button>
        )
      }
    >
      {sessions.isPending && <RowsLoading rows={2} />}
      {sessions.isError && <Failure error={sessions.error} onRetry={sessions.refetch} />}
      {list.map(({ id, userAgent, ip, createdAt, lastSeenAt, current }) => (
        <div key={id} className={classes.session}>
          <IconDeviceDesktop size={16} stroke={1.6} />
          <div className={classes.agent}>
            {browserName(userAgent)} {ip && <span className={classes.dim}>from {ip}</span>}{" "}
            {current && <Tag tone="good">This one</Tag>}
            <div className={classes.dim}>
              since <When date={createdAt} />, last seen <When date={lastSeenAt} />
            </div>
          </div>
          {!current && (
            <Button variant="subtle" color="red" onClick={() => act(end(id), "Session ended")}>
              End
            </Button>
          )}
        </div>
      ))}
    </Section>
  );
}

const BROWSERS = ["Edg", "OPR", "Firefox", "Chrome", "Safari"];
const SYSTEMS = ["Windows", "Android", "iPhone", "iPad", "Mac OS X", "Linux"];
const SPELLED: Record<string, string> = { Edg: "Edge", OPR: "Opera", "Mac OS X": "macOS" };

/** `Firefox on Linux`; what is no browser by the first word it says of itself. */
export function browserName(agent: string | undefined): string {
  if (!agent) return "Unknown";
  const named = (words: string[]) => {
    const found = words.find((word) => agent.includes(word));
    return found && (SPELLED[found] ?? found);
  };
  const [browser, system] = [named(BROWSERS), named(SYSTEMS)];
  if (!browser) return agent.split("/")[0] ?? agent;
  return system ? `${browser} on ${system}` : browser;
}
