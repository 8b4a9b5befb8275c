/** What is known of the usual providers: how their issuer is written, and which claim names groups. */

export interface Preset {
  label: string;
  /** How it is asked; by OpenID Connect where nothing is said. */
  kind?: "LDAP";
  /** What is said of a directory before anybody has typed anything. */
  settings?: Record<string, unknown>;
  /** An example of the issuer, to be seen in the empty field. */
  issuer: string;
  scopes: string[];
  claim: string;
  trustEmail?: boolean;
  /** What to do over there, in a sentence or two. */
  steps: string;
}

export const PRESETS: Record<string, Preset> = {
  keycloak: {
    label: "Keycloak",
    issuer: "https://keycloak.example.com/realms/company",
    scopes: ["openid", "profile", "email"],
    claim: "groups",
    steps:
      "Create a confidential client with the standard flow and PKCE S256. Add a Group Membership mapper to the ID token for the claim groups.",
  },
  okta: {
    label: "Okta",
    issuer: "https://company.okta.com",
    scopes: ["openid", "profile", "email", "groups"],
    claim: "groups",
    steps:
      "Create an app integration: OIDC, Web Application. Add a groups claim to the ID token with a filter.",
  },
  entra: {
    label: "Microsoft Entra ID",
    issuer: "https://login.microsoftonline.com/<directory id>/v2.0",
    scopes: ["openid", "profile", "email"],
    claim: "groups",
    trustEmail: true,
    steps:
      "Register an app with a Web redirect. Under Token configuration add the groups claim; its values are ids.",
  },
  google: {
    label: "Google",
    issuer: "https://accounts.google.com",
    scopes: ["openid", "profile", "email"],
    claim: "hd",
    steps:
      "Create an OAuth client of type Web application. Google tells no groups: map the domain in the claim hd.",
  },
  authentik: {
    label: "authentik",
    issuer: "https://authentik.example.com/application/o/orrery/",
    scopes: ["openid", "profile", "email"],
    claim: "groups",
    steps:
      "Create an application with an OAuth2/OpenID provider, confidential. The claim groups is there by default.",
  },
  auth0: {
    label: "Auth0",
    issuer: "https://company.eu.auth0.com/",
    scopes: ["openid", "profile", "email"],
    claim: "https://orrery/groups",
    steps:
      "Create a Regular Web Application. An Action must add a claim with a name of its own to the ID token.",
  },
  openldap: {
    label: "LDAP directory",
    kind: "LDAP",
    issuer: "",
    scopes: [],
    claim: "groups",
    steps:
      "People sign in on our own page. Give an account that may read people and groups, and nothing else.",
    settings: {
      startTls: true,
      userFilter: "(objectClass=inetOrgPerson)",
      loginAttributes: ["uid", "mail"],
      idAttribute: "entryUUID",
      emailAttribute: "mail",
      groupFilter: "(objectClass=groupOfNames)",
      memberAttribute: "member",
      nesting: "WALK",
      syncMinutes: 60,
    },
  },
  "active-directory": {
    label: "Active Directory",
    kind: "LDAP",
    issuer: "",
    scopes: [],
    claim: "groups",
    steps:
      "People sign in on our own page. Give an account that may read people and groups; accounts that are disabled over there have left.",
    settings: {
      startTls: true,
      userFilter:
        "(&(objectCategory=person)(objectClass=user)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))",
      loginAttributes: ["sAMAccountName", "userPrincipalName", "mail"],
      idAttribute: "objectGUID",
      emailAttribute: "mail",
      groupFilter: "(objectClass=group)",
      memberAttribute: "member",
      nesting: "CHAIN",
      syncMinutes: 60,
    },
  },
  generic: {
    label: "Another OpenID provider",
    issuer: "https://id.example.com",
    scopes: ["openid", "profile", "email"],
    claim: "groups",
    steps: "Register a confidential client with the authorization code flow.",
  },
};

export function presetOf(name: string): Preset {
  return PRESETS[name] ?? (PRESETS.generic as Preset);
}
