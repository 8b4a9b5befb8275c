/** A credential by its kind: which server gives the tokens, who asks, and which secrets prove it. */
import { Select, Switch, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { DialogForm } from "@/kit/DialogForm";
import { ALGORITHMS, type CredentialDraft, KINDS, type Kind } from "./drafts";

interface CredentialFormProps {
  /** Set when an existing one is changed: its name and kind stay. */
  known?: CredentialDraft;
  /** Absent for one of the whole tenant. */
  namespace?: string;
  draft: CredentialDraft;
  save: (draft: CredentialDraft) => Promise<unknown>;
  onClose: () => void;
}

type Put = (change: Partial<CredentialDraft>) => void;

export function CredentialForm({ known, namespace, draft: first, save, onClose }: CredentialFormProps) {
  const [draft, setDraft] = useState(first);
  const put: Put = (change) => setDraft({ ...draft, ...change });
  const isGithub = draft.kind === "GITHUB_APP";
  return (
    <DialogForm verb="Save" send={async () => save(draft)} onClose={onClose}>
      <Select
        label="Kind"
        data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
        value={draft.kind}
        disabled={known !== undefined}
        onChange={(kind) => kind && put({ kind: kind as Kind })}
        allowDeselect={false}
      />
      <TextInput
        label="Name"
        placeholder="billing-api"
        required
        disabled={known !== undefined}
        value={draft.name}
        onChange={(event) => put({ name: event.currentTarget.value })}
        data-autofocus={known === undefined || undefined}
      />
      <TextInput
        label="Description"
        value={draft.description}
        onChange={(event) => put({ description: event.currentTarget.value })}
      />
      {isGithub ? (
        <TextInput
          label="Address of the API"
          description="Only for GitHub Enterprise Server."
          placeholder="https://api.github.com"
          value={draft.apiUrl}
          onChange={(event) => put({ apiUrl: event.currentTarget.value })}
        />
      ) : (
        <Endpoint draft={draft} put={put} />
      )}
      <Proof draft={draft} put={put} namespace={namespace} />
      <Switch
        label="Use a token again until shortly before it ends"
        checked={draft.caching}
        onChange={(event) => put({ caching: event.currentTarget.checked })}
      />
      {draft.caching && (
        <TextInput
          label="How shortly"
          description="A duration, such as PT1M for a minute."
          required
          value={draft.margin}
          onChange={(event) => put({ margin: event.currentTarget.value })}
        />
      )}
    </DialogForm>
  );
}

function Endpoint({ draft, put }: { draft: CredentialDraft; put: Put }) {
  return (
    <>
      <TextInput
        label="Token endpoint"
        placeholder="https://login.example.com/oauth2/token"
        required
        value={draft.tokenEndpoint}
        onChange={(event) => put({ tokenEndpoint: event.currentTarget.value })}
      />
      <TextInput
        label="Scopes"
        description="With blanks between them."
        value={draft.scopes}
        onChange={(event) => put({ scopes: event.currentTarget.value })}
      />
      <TextInput
        label="Audience"
        value={draft.audience}
        onChange={(event) => put({ audience: event.currentTarget.value })}
      />
    </>
  );
}

/** What each field is called, by its name in the API. */
const LABELS: Record<string, string> = {
  clientId: "Client ID",
  clientSecret: "Secret that holds the client's secret",
  issuer: "Issuer",
  subject: "Subject",
  keyId: "Key ID",
  privateKey: "Secret that holds the private key",
  certificate: "Secret that holds the key's certificate",
  appId: "App ID",
  installationId: "Installation ID",
};

const SHOWN: Record<Kind, { needed: string[]; also: string[] }> = {
  CLIENT_CREDENTIALS: { needed: ["clientId", "clientSecret"], also: [] },
  PRIVATE_KEY_JWT: { needed: ["clientId", "privateKey"], also: ["keyId", "certificate"] },
  JWT_BEARER: { needed: ["issuer", "privateKey"], also: ["subject", "keyId", "clientId", "clientSecret"] },
  GITHUB_APP: { needed: ["appId", "installationId", "privateKey"], also: [] },
};
const OF_SECRETS = new Set(["clientSecret", "privateKey", "certificate"]);

function Proof({ draft, put, namespace }: { draft: CredentialDraft; put: Put; namespace?: string }) {
  const { needed, also } = SHOWN[draft.kind];
  const set = (name: string, value: string) => put({ auth: { ...draft.auth, [name]: value } });
  const isSigned = draft.kind === "JWT_BEARER" || draft.kind === "PRIVATE_KEY_JWT";
  return (
    <>
      {[...needed, ...also].map((name) => (
        <TextInput
          key={name}
          label={LABELS[name]}
          description={OF_SECRETS.has(name) ? whichSecret(namespace) : undefined}
          required={needed.includes(name)}
          value={draft.auth[name] ?? ""}
          onChange={(event) => set(name, event.currentTarget.value)}
        />
      ))}
      {draft.kind === "CLIENT_CREDENTIALS" && (
        <Select
          label="Where the client's secret is sent"
          data={[
            { value: "BASIC", label: "In the header (Basic)" },
            { value: "POST", label: "In the body" },
          ]}
          value={draft.auth.clientAuthentication || "BASIC"}
          onChange={(way) => way && set("clientAuthentication", way)}
          allowDeselect={false}
        />
      )}
      {isSigned && (
        <Select
          label="Algorithm"
          data={ALGORITHMS}
          value={draft.auth.algorithm || "RS256"}
          onChange={(algorithm) => algorithm && set("algorithm", algorithm)}
          allowDeselect={false}
        />
      )}
      {draft.kind === "JWT_BEARER" && (
        <Textarea
          label="Additional claims"
          description='A JSON object, such as {"scope": "https://www.googleapis.com/auth/cloud-platform.read-only"}.'
          autosize
          minRows={2}
          value={draft.auth.additionalClaims ?? ""}
          onChange={(event) => set("additionalClaims", event.currentTarget.value)}
        />
      )}
    </>
  );
}

function whichSecret(namespace?: string): string {
  return namespace === undefined
    ? "Its namespace and name: company.team:NAME."
    : "Its name; namespace:NAME for one of another namespace.";
}
