/** The executions of a flow that wait for a place, longest first; each can go on at once, or leave the queue. */
import { Button, Group, Modal, Table, VisuallyHidden } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { to } from "@/addresses";
import type { ConcurrencyLimit, ExecutionRow } from "@/api/types";
import { forceRun, unqueue } from "@/features/executions/commands";
import { confirm } from "@/kit/confirm";
import { Failure, RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { When } from "@/kit/When";
import { limitsKey, waitingQuery } from "./queries";

interface WaitingDialogProps {
  tenant: string;
  limit: ConcurrencyLimit;
  onClose: () => void;
}

const LOOKS_AGAIN = 5_000;

export function WaitingDialog({ tenant, limit, onClose }: WaitingDialogProps) {
  const { namespace, flowId } = limit;
  const waiting = useQuery({
    ...waitingQuery(tenant, namespace, flowId),
    refetchInterval: LOOKS_AGAIN,
  });
  const rows = waiting.data?.results ?? [];
  return (
    <Modal opened onClose={onClose} title={`Waiting for ${flowId}`} size="lg">
      {waiting.isPending && <RowsLoading rows={3} height={36} />}
      {waiting.isError && <Failure error={waiting.error} onRetry={waiting.refetch} />}
      {waiting.isSuccess && rows.length === 0 && "Nobody waits any more."}
      {rows.length > 0 && (
        <Table aria-label={`Waiting for ${flowId}`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Execution</Table.Th>
              <Table.Th>Since</Table.Th>
              <Table.Th>
                <VisuallyHidden>Actions</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <WaitingRow key={row.id} tenant={tenant} row={row} />
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Modal>
  );
}

function WaitingRow({ tenant, row }: { tenant: string; row: ExecutionRow }) {
  const client = useQueryClient();
  const target = { tenant, executionId: row.id };
  const short = row.id.slice(0, 8);
  const ask = (verb: string, text: string, act: () => Promise<unknown>) =>
    confirm({
      title: `${verb} execution`,
      name: short,
      text,
      verb,
      run: async () => {
        await act();
        await client.invalidateQueries({ queryKey: limitsKey(tenant) });
        done(`${verb}: ${short}`);
      },
    });
  const askForce = () =>
    ask("Force run", "It runs at once, beside those that hold all the places.", () => forceRun(target));
  const askUnqueue = () =>
    ask("Unqueue", "It leaves the queue and ends as cancelled; nothing of it runs.", () =>
      unqueue(target, "CANCELLED"),
    );
  return (
    <Table.Tr>
      <Table.Td>
        <Link to={to.execution(tenant, row.id)} className="link mono">
          {short}
        </Link>
      </Table.Td>
      <Table.Td>
        <When date={row.state.startDate} />
      </Table.Td>
      <Table.Td>
        <Group gap="xs" justify="flex-end" wrap="nowrap">
          <Button variant="default" size="compact-sm" aria-label={`Force run ${short}`} onClick={askForce}>
            Force run
          </Button>
          <Button
            variant="light"
            color="red"
            size="compact-sm"
            aria-label={`Unqueue ${short}`}
            onClick={askUnqueue}
          >
            Unqueue
          </Button>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
