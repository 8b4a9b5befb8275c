/** What ever happened to a token, and what was done with it, beside the list of tokens. */
import { Drawer } from "@mantine/core";
import { Section } from "@/kit/Facts";
import classes from "./AuditPage.module.css";
import { History } from "./History";

interface TokenHistoryProps {
  token: { id: string; name: string } | undefined;
  /** Of all tenants and the instance, for superadmins; else of the tenant that is open. */
  everywhere?: boolean;
  onClose: () => void;
}

export function TokenHistory({ token, everywhere, onClose }: TokenHistoryProps) {
  return (
    <Drawer
      opened={token !== undefined}
      onClose={onClose}
      position="right"
      size="xl"
      title={`History of ${token?.name ?? ""}`}
    >
      {token && (
        <>
          <Section title="Made, rotated, revoked">
            <div className={classes.deeds}>
              <History details={{ token: token.id }} ofInstance={everywhere} />
            </div>
          </Section>
          <Section title="Done with it">
            <div className={classes.deeds}>
              <History details={{ credential: token.id }} ofInstance={everywhere} />
            </div>
          </Section>
        </>
      )}
    </Drawer>
  );
}
