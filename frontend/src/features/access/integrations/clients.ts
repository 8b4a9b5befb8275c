/** The clients that push people, and where each takes the address and the token. */
import type { Client } from "./queries";

export interface ClientHelp {
  value: Client;
  label: string;
  /** What the field for the address is called there. */
  address: string;
  /** What the field for the token is called there. */
  token: string;
  /** Where that is, and what else to choose. */
  steps: string[];
}

export const CLIENTS: ClientHelp[] = [
  {
    value: "OKTA",
    label: "Okta",
    address: "Base URL",
    token: "API Token",
    steps: [
      "Applications: add “SCIM 2.0 Test App (OAuth Bearer Token)”, then Provisioning, Integration.",
      "To App: turn on Create Users, Update User Attributes and Deactivate Users.",
      "Push Groups: choose the groups to push.",
    ],
  },
  {
    value: "ENTRA",
    label: "Microsoft Entra ID",
    address: "Tenant URL",
    token: "Secret Token",
    steps: [
      "Enterprise applications: create your own (non-gallery), then Provisioning, Automatic.",
      "Test Connection and save; then assign people and groups to the application.",
      "Turn provisioning on. Entra starts a cycle every 40 minutes; Provision on demand does not wait.",
    ],
  },
  {
    value: "KEYCLOAK",
    label: "Keycloak",
    address: "Base URL",
    token: "Authentication: long-lived access token",
    steps: [
      "Install SCIM for Keycloak, and enable SCIM for the realm in its administration console.",
      "Remote SCIM Provider: create one with this address; leave password synchronisation off.",
      "Choose users and groups, and synchronise once.",
    ],
  },
  {
    value: "AUTHENTIK",
    label: "authentik",
    address: "URL",
    token: "Token",
    steps: [
      "Applications, Providers: create a SCIM Provider.",
      "Add it to an application as a backchannel provider.",
      "Run the synchronisation from the provider's page.",
    ],
  },
  {
    value: "GENERIC",
    label: "Another SCIM 2.0 client",
    address: "Base address",
    token: "Bearer token",
    steps: [
      "The client sends the token as Authorization: Bearer …, and adds /Users and /Groups to the address.",
    ],
  },
];

export function helpOf(client: Client): ClientHelp {
  return CLIENTS.find(({ value }) => value === client) ?? (CLIENTS[CLIENTS.length - 1] as ClientHelp);
}
