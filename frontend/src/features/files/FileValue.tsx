/** A file of the internal storage: its name and size, a preview, a download. */
import { ActionIcon, Modal, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDownload, IconEye, IconFile } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { fileAddress, fileSizeQuery } from "@/features/executions/queries";
import { saveAddress } from "@/kit/download";
import { useTenant } from "@/url";
import { FilePreview } from "./FilePreview";
import classes from "./FileValue.module.css";
import { fileName, sizeText } from "./files";

export function FileValue({ executionId, uri }: { executionId: string; uri: string }) {
  const tenant = useTenant();
  const [opened, preview] = useDisclosure();
  const size = useQuery(fileSizeQuery(tenant, executionId, uri));
  const name = fileName(uri);
  return (
    <span className={classes.file}>
      <IconFile size={14} />
      <button type="button" className={classes.name} onClick={preview.open} title={uri}>
        {name}
      </button>
      {size.data?.size !== undefined && <span className={classes.size}>{sizeText(size.data.size)}</span>}
      <Tooltip label="Preview">
        <ActionIcon size="sm" aria-label={`Preview ${name}`} onClick={preview.open}>
          <IconEye size={14} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Download">
        <ActionIcon
          size="sm"
          aria-label={`Download ${name}`}
          onClick={() => saveAddress(fileAddress(tenant, executionId, uri), name)}
        >
          <IconDownload size={14} />
        </ActionIcon>
      </Tooltip>
      <Modal opened={opened} onClose={preview.close} title={name} size="xl">
        <FilePreview executionId={executionId} uri={uri} />
      </Modal>
    </span>
  );
}
