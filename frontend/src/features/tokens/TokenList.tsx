/** The API tokens of a person or of a service account: made, shown once, rotated, revoked. */

import { Button, Code, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconHistory, IconKey, IconPlus, IconRotate, IconTrash } from "@tabler/icons-react";
import { type UseQueryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ApiToken, NewApiToken } from "@/api/types";
import { TokenHistory } from "@/features/audit/TokenHistory";
import { confirm } from "@/kit/confirm";
import { Section } from "@/kit/Facts";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { Refused } from "@/kit/Refused";
import { Tag } from "@/kit/Tag";
import { When } from "@/kit/When";
import { CreateToken, RotateToken, type TokenDraft } from "./CreateToken";
import classes from "./TokenList.module.css";

interface TokenListProps {
  query: UseQueryOptions<{ results: ApiToken[] }, Error, { results: ApiToken[] }, string[]>;
  create: (draft: TokenDraft) => Promise<NewApiToken>;
  /** Makes one that follows; the old one goes on for the duration `overlap`. */
  rotate?: (tokenId: string, overlap: string) => Promise<NewApiToken>;
  revoke: (tokenId: string) => Promise<unknown>;
  /** May be limited to networks. */
  withNetworks?: boolean;
  /** Shown while there is none. */
  hint: string;
  /** What was done with them is looked for in the trails of all tenants and of the instance, as superadmins may. */
  everywhere?: boolean;
  /** Why whoever looks at them may change none; nothing where they may. */
  refusal?: string;
}

export function TokenList(props: TokenListProps) {
  const { query, create, rotate, revoke, withNetworks, hint, everywhere, refusal } = props;
  const client = useQueryClient();
  const [creating, createDialog] = useDisclosure();
  const [rotating, setRotating] = useState<ApiToken>();
  const [opened, setOpened] = useState<ApiToken>();
  const tokens = useQuery(query);
  const refresh = () => client.invalidateQueries({ queryKey: query.queryKey });
  async function refreshed<T>(made: Promise<T>): Promise<T> {
    const result = await made;
    await refresh();
    return result;
  }
  const askRevoke = ({ id, name }: ApiToken) =>
    confirm({
      title: "Revoke token",
      name,
      text: "Whatever uses it is refused from the next request on.",
      verb: "Revoke",
      run: async () => {
        await refreshed(revoke(id));
        done(`${name} revoked`);
      },
    });
  const list = tokens.data?.results ?? [];
  return (
    <Section
      title="API tokens"
      aside={
        <Refused reason={refusal}>
          <Button variant="default" leftSection={<IconPlus size={14} />} onClick={createDialog.open}>
            Create token
          </Button>
        </Refused>
      }
    >
      {tokens.isPending && <RowsLoading rows={3} />}
      {tokens.isError && <Failure error={tokens.error} onRetry={tokens.refetch} />}
      {tokens.isSuccess && list.length === 0 && (
        <Empty icon={IconKey} title="No tokens">
          {hint}
        </Empty>
      )}
      {list.map((token) => (
        <Token
          key={token.id}
          token={token}
          refusal={refusal}
          onRotate={rotate && (() => setRotating(token))}
          onRevoke={() => askRevoke(token)}
          onHistory={() => setOpened(token)}
        />
      ))}
      <TokenHistory token={opened} everywhere={everywhere} onClose={() => setOpened(undefined)} />
      <Modal opened={creating} onClose={createDialog.close} title="Create API token">
        <CreateToken
          withNetworks={withNetworks}
          create={(draft) => refreshed(create(draft))}
          onClose={createDialog.close}
        />
      </Modal>
      <Modal
        opened={rotating !== undefined}
        onClose={() => setRotating(undefined)}
        title={`Rotate ${rotating?.name ?? ""}`}
      >
        {rotating && rotate && (
          <RotateToken
            rotate={(overlap) => refreshed(rotate(rotating.id, overlap))}
            onClose={() => setRotating(undefined)}
          />
        )}
      </Modal>
    </Section>
  );
}

interface TokenProps {
  token: ApiToken;
  refusal: string | undefined;
  /** Absent where tokens are not rotated. */
  onRotate: (() => void) | undefined;
  onRevoke: () => void;
  onHistory: () => void;
}

function Token({ token, refusal, onRotate, onRevoke, onHistory }: TokenProps) {
  const { name, prefix, description, expired, iat, exp, lastUsed, allowedCidrs } = token;
  return (
    <div className={classes.token}>
      <div className={classes.name}>
        <strong>{name}</strong> <Code>{prefix}…</Code> {expired && <Tag tone="bad">Expired</Tag>}
        {description && <div className={classes.dim}>{description}</div>}
        {allowedCidrs && allowedCidrs.length > 0 && (
          <div className={classes.dim}>
            from <span className="mono">{allowedCidrs.join(", ")}</span> only
          </div>
        )}
      </div>
      <div className={classes.dim}>
        made <When date={iat} />,{" "}
        {exp ? (
          <>
            {expired ? "expired" : "expires"} <When date={exp} />
          </>
        ) : (
          "never expires"
        )}
        <br />
        {lastUsed ? (
          <>
            used <When date={lastUsed} />
          </>
        ) : (
          "never used"
        )}
      </div>
      <span className={classes.actions}>
        <Button
          variant="subtle"
          color="gray"
          px={6}
          aria-label={`History of ${name}`}
          title="History: what happened to it, and what was done with it"
          onClick={onHistory}
        >
          <IconHistory size={15} />
        </Button>
        {onRotate && (
          <Refused reason={refusal} hint="Rotate: one that follows it">
            <Button variant="subtle" color="gray" px={6} aria-label={`Rotate ${name}`} onClick={onRotate}>
              <IconRotate size={15} />
            </Button>
          </Refused>
        )}
        <Refused reason={refusal}>
          <Button variant="subtle" color="red" px={6} aria-label={`Revoke ${name}`} onClick={onRevoke}>
            <IconTrash size={15} />
          </Button>
        </Refused>
      </span>
    </div>
  );
}
