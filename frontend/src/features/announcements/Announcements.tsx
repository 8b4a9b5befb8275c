/** The announcements of an instance, for superadmins. */
import { ActionIcon, Button, Group, Modal, Tooltip } from "@mantine/core";
import { IconEdit, IconPlus, IconSpeakerphone, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Banner } from "@/api/types";
import { confirm } from "@/kit/confirm";
import { type Column, DataTable } from "@/kit/DataTable";
import { FilterBar } from "@/kit/Filters";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { Tag } from "@/kit/Tag";
import { When } from "@/kit/When";
import { AnnouncementForm } from "./AnnouncementForm";
import { announce, bannersQuery, changeBanner, type Draft, deleteBanner } from "./queries";
import { TONES } from "./tones";

export function Announcements() {
  const client = useQueryClient();
  const banners = useQuery(bannersQuery);
  const [editing, setEditing] = useState<Banner | "new">();
  const close = () => setEditing(undefined);
  const refresh = () =>
    Promise.all(
      [bannersQuery.queryKey, ["banners"]].map((queryKey) => client.invalidateQueries({ queryKey })),
    );

  async function send(draft: Draft) {
    if (editing === "new") await announce(draft);
    else if (editing) await changeBanner(editing.id, draft);
    await refresh();
    done("Announced");
    close();
  }

  if (banners.isError) return <Failure error={banners.error} onRetry={banners.refetch} />;
  return (
    <>
      <FilterBar>
        <span style={{ flex: 1 }} />
        <Button leftSection={<IconPlus size={14} />} onClick={() => setEditing("new")}>
          New announcement
        </Button>
      </FilterBar>
      {banners.isPending && <RowsLoading rows={4} height={40} />}
      {banners.data?.length === 0 && (
        <Empty icon={IconSpeakerphone} title="No announcements yet">
          Tell everybody, or the people of one tenant, what is coming: it stands on every page and on the
          sign-in page.
        </Empty>
      )}
      {banners.data !== undefined && banners.data.length > 0 && (
        <DataTable
          label="Announcements"
          columns={columns(setEditing, refresh)}
          rows={banners.data}
          rowKey={({ id }) => id}
          rowName={({ message }) => message}
        />
      )}
      <Modal
        opened={editing !== undefined}
        onClose={close}
        title={editing === "new" ? "New announcement" : "Change the announcement"}
      >
        {editing && (
          <AnnouncementForm of={editing === "new" ? undefined : editing} send={send} onClose={close} />
        )}
      </Modal>
    </>
  );
}

function columns(edit: (banner: Banner) => void, refresh: () => Promise<unknown>): Column<Banner>[] {
  return [
    { id: "message", header: "Message", width: "minmax(160px, 4fr)", cell: ({ message }) => message },
    {
      id: "type",
      header: "Type",
      width: "96px",
      cell: ({ type }) => <Tag tone={TONES[type]}>{type.toLowerCase()}</Tag>,
    },
    { id: "for", header: "For", width: "minmax(80px, 1fr)", cell: ({ tenantId }) => tenantId ?? "everybody" },
    {
      id: "from",
      header: "From",
      width: "110px",
      hide: "narrow",
      cell: ({ startDate }) => <When date={startDate} />,
    },
    {
      id: "until",
      header: "Until",
      width: "110px",
      hide: "narrow",
      cell: ({ endDate }) => <When date={endDate} />,
    },
    {
      id: "actions",
      header: "",
      width: "88px",
      align: "end",
      cell: (banner) => (
        <Group gap={6} wrap="nowrap">
          <Tooltip label="Change">
            <ActionIcon aria-label={`Change ${banner.message}`} onClick={() => edit(banner)}>
              <IconEdit size={15} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Delete">
            <ActionIcon aria-label={`Delete ${banner.message}`} onClick={() => ask(banner, refresh)}>
              <IconTrash size={15} />
            </ActionIcon>
          </Tooltip>
        </Group>
      ),
    },
  ];
}

function ask({ id, message }: Banner, refresh: () => Promise<unknown>): void {
  confirm({
    title: "Delete the announcement",
    name: message,
    text: "Nobody sees it any more.",
    verb: "Delete",
    run: async () => {
      await deleteBanner(id);
      await refresh();
      done("Deleted");
    },
  });
}
