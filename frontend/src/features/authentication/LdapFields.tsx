/** How a directory is reached, who its people are, and which groups they are in. */
import {
  Button,
  FileButton,
  NumberInput,
  Select,
  Switch,
  TagsInput,
  Textarea,
  TextInput,
} from "@mantine/core";
import type { SettingsFields } from "./OpenIdFields";

const NESTING = [
  { value: "WALK", label: "Followed, group by group" },
  { value: "CHAIN", label: "Followed by Active Directory's own rule (quicker there)" },
  { value: "NONE", label: "Not followed" },
];
const MONO = { input: { fontFamily: "var(--mantine-font-family-monospace)" } };

export function LdapFields({ settings, set }: SettingsFields) {
  const field = (name: string, label: string, more: { placeholder?: string; required?: boolean } = {}) => (
    <TextInput
      label={label}
      value={String(settings[name] ?? "")}
      onChange={(event) => set({ [name]: event.currentTarget.value })}
      {...more}
    />
  );
  const url = String(settings.url ?? "");
  return (
    <>
      {field("url", "Address", { placeholder: "ldaps://ldap.example.com", required: true })}
      {!url.startsWith("ldaps:") && (
        <Switch
          label="Encrypt by StartTLS"
          checked={settings.startTls !== false}
          onChange={(event) => set({ startTls: event.currentTarget.checked })}
        />
      )}
      <Authorities
        value={String(settings.authorities ?? "")}
        onChange={(authorities) => set({ authorities })}
      />
      {field("bindDn", "Account that searches", { placeholder: "cn=orrery,ou=services,dc=example,dc=com" })}
      {field("userBase", "People are below", { placeholder: "ou=people,dc=example,dc=com", required: true })}
      {field("userFilter", "Who is one of them")}
      <TagsInput
        label="What they sign in with"
        description="Attributes; one of them must be what was typed"
        value={(settings.loginAttributes as string[] | undefined) ?? []}
        onChange={(loginAttributes) => set({ loginAttributes })}
      />
      {field("idAttribute", "What never changes of a person")}
      {field("emailAttribute", "E-mail address")}
      {field("groupBase", "Groups are below", { placeholder: "ou=groups,dc=example,dc=com" })}
      {field("groupFilter", "What is a group")}
      {field("memberAttribute", "What names its members")}
      <Select
        label="Groups in groups"
        data={NESTING}
        value={String(settings.nesting ?? "WALK")}
        allowDeselect={false}
        onChange={(nesting) => nesting && set({ nesting })}
      />
      <NumberInput
        label="Compare everybody, every … minutes"
        description="0 is never: people are then only looked at when they sign in"
        min={0}
        value={Number(settings.syncMinutes ?? 0)}
        onChange={(value) => set({ syncMinutes: Number(value) || 0 })}
      />
    </>
  );
}

function Authorities({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <>
      <Textarea
        label="Certificates of its authority"
        description="PEM; empty for one that everybody knows"
        autosize
        minRows={2}
        maxRows={6}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        styles={MONO}
      />
      <FileButton accept=".pem,.crt,.cer" onChange={(file) => file?.text().then(onChange)}>
        {(props) => (
          <Button {...props} variant="default" size="xs" style={{ alignSelf: "start" }}>
            Read a file
          </Button>
        )}
      </FileButton>
    </>
  );
}
