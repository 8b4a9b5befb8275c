/** Invites one or many by e-mail, into groups and with roles; the links are shown where no mail is sent. */
import { Alert, Button, Group, Modal, Stack, TagsInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Invitation } from "@/api/types";
import { CopyText } from "@/kit/CopyText";
import { DialogForm } from "@/kit/DialogForm";
import { type Choice, ManyPicker } from "@/kit/Picker";
import { useTenant } from "@/url";
import { findGroups, findNamespaces, findRoles } from "../finding";
import classes from "./InviteDialog.module.css";
import { invitationsKey, invite } from "./queries";

interface InviteDialogProps {
  opened: boolean;
  onClose: () => void;
}

export function InviteDialog({ opened, onClose }: InviteDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Invite people">
      <InviteForm onClose={onClose} />
    </Modal>
  );
}

function InviteForm({ onClose }: { onClose: () => void }) {
  const tenant = useTenant();
  const client = useQueryClient();
  const [emails, setEmails] = useState<string[]>([]);
  const [groups, setGroups] = useState<Choice[]>([]);
  const [roles, setRoles] = useState<Choice[]>([]);
  const [namespaces, setNamespaces] = useState<Choice[]>([]);
  const [sent, setSent] = useState<Invitation[]>();

  async function send() {
    const places = namespaces.map(({ value }) => value);
    const given = roles.map(({ value }) => ({
      id: value,
      ...(places.length > 0 ? { namespaces: places } : {}),
    }));
    const made: Invitation[] = [];
    for (const email of emails) {
      made.push(await invite(tenant, { email, groups: groups.map(({ value }) => value), roles: given }));
      setEmails((left) => left.filter((one) => one !== email));
    }
    await client.invalidateQueries({ queryKey: invitationsKey(tenant) });
    setSent(made);
  }

  if (sent) return <Sent invitations={sent} onClose={onClose} />;
  return (
    <DialogForm verb="Invite" send={send} onClose={onClose} disabled={emails.length === 0}>
      <TagsInput
        label="E-mail addresses"
        description="Enter after each, or paste several."
        required
        splitChars={[",", ";", " ", "\n"]}
        acceptValueOnBlur
        value={emails}
        onChange={(next) => setEmails(addressesIn(next))}
        data-autofocus
      />
      <ManyPicker
        label="Into groups"
        queryKey={[tenant, "access", "group"]}
        find={(text) => findGroups(tenant, text)}
        value={groups}
        onChange={setGroups}
      />
      <ManyPicker
        label="With roles"
        queryKey={[tenant, "access", "roles"]}
        find={(text) => findRoles(tenant, text)}
        value={roles}
        onChange={setRoles}
      />
      {roles.length > 0 && (
        <ManyPicker
          label="In namespaces"
          placeholder="The whole tenant"
          queryKey={[tenant, "namespaces"]}
          find={(text) => findNamespaces(tenant, text)}
          value={namespaces}
          onChange={setNamespaces}
        />
      )}
    </DialogForm>
  );
}

function Sent({ invitations, onClose }: { invitations: Invitation[]; onClose: () => void }) {
  const links = invitations.filter(({ link }) => link);
  const mailed = invitations.filter(({ mail }) => mail === "QUEUED" || mail === "SENT").length;
  return (
    <Stack gap="md">
      <Alert variant="light" color="green">
        {invitations.length === 1 ? "The invitation is made." : `${invitations.length} invitations are made.`}{" "}
        {mailed > 0 ? "A mail is on its way." : "No mail is sent here: hand over the links yourself."}
      </Alert>
      <ul className={classes.links}>
        {links.map(({ email, link = "" }) => (
          <li key={email}>
            <span>{email}</span>
            <span className={classes.link}>
              <code>{link}</code>
              <CopyText value={link} label={`Copy the link for ${email}`} />
            </span>
          </li>
        ))}
      </ul>
      <Group justify="flex-end">
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  );
}

/** However they were typed or pasted: each address once. */
export function addressesIn(texts: string[]): string[] {
  return [...new Set(texts.flatMap((text) => text.split(/[\s,;]+/)).filter(Boolean))];
}
