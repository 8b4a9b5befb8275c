/** The filters one has kept, and a way to keep the present one. */
import { ActionIcon, Button, Menu, Modal, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBookmark, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { DialogForm } from "@/kit/DialogForm";
import type { Search } from "@/url";
import { replacing, useSavedFilters } from "./savedFilters";

interface SavedFiltersProps {
  tenant: string;
  search: Search;
  filtering: boolean;
  onSearch: (search: Record<string, string | undefined>) => void;
}

export function SavedFilters({ tenant, search, filtering, onSearch }: SavedFiltersProps) {
  const { saved, keep, forget } = useSavedFilters(tenant);
  const [naming, dialog] = useDisclosure();
  const [name, setName] = useState("");
  const names = Object.keys(saved).sort();
  const save = async () => {
    keep(name.trim(), search);
    dialog.close();
    setName("");
  };
  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <Button size="xs" variant="default" leftSection={<IconBookmark size={14} />}>
            Saved filters
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {names.length === 0 && <Menu.Label>None yet</Menu.Label>}
          {names.map((each) => (
            <Menu.Item
              key={each}
              onClick={() => onSearch(replacing(saved[each] ?? {}))}
              rightSection={
                <ActionIcon
                  component="span"
                  size="xs"
                  aria-label={`Forget ${each}`}
                  onClick={(event) => {
                    event.stopPropagation();
                    forget(each);
                  }}
                >
                  <IconTrash size={12} />
                </ActionIcon>
              }
            >
              {each}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={dialog.open} disabled={!filtering}>
            Save the present filter
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={naming} onClose={dialog.close} title="Save the filter">
        <DialogForm verb="Save" send={save} onClose={dialog.close}>
          <TextInput
            label="Name"
            required
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        </DialogForm>
      </Modal>
    </>
  );
}
