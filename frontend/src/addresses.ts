/** The address of every page, without the `/ui` in front. */

const part = encodeURIComponent;

export const to = {
  signIn: () => "/sign-in",
  setup: () => "/setup",
  forgottenPassword: () => "/forgot-password",
  invitation: (id: string) => `/invitation/${part(id)}`,
  home: (tenant: string) => `/${part(tenant)}/flows`,
  overview: (tenant: string) => `/${part(tenant)}/overview`,
  flows: (tenant: string) => `/${part(tenant)}/flows`,
  newFlow: (tenant: string) => `/${part(tenant)}/flows/new`,
  flow: (tenant: string, namespace: string, id: string, tab = "overview") =>
    `/${part(tenant)}/flows/${part(namespace)}/${part(id)}/${tab}`,
  executions: (tenant: string) => `/${part(tenant)}/executions`,
  execution: (tenant: string, id: string, tab = "overview") =>
    `/${part(tenant)}/executions/${part(id)}/${tab}`,
  triggers: (tenant: string) => `/${part(tenant)}/triggers`,
  concurrency: (tenant: string) => `/${part(tenant)}/concurrency`,
  logs: (tenant: string) => `/${part(tenant)}/logs`,
  credentials: (tenant: string) => `/${part(tenant)}/credentials`,
  namespaces: (tenant: string) => `/${part(tenant)}/namespaces`,
  namespace: (tenant: string, id: string, tab = "flows") => `/${part(tenant)}/namespaces/${part(id)}/${tab}`,
  audit: (tenant: string, tab?: string) => `/${part(tenant)}/audit${tab ? `/${tab}` : ""}`,
  access: (tenant: string, tab = "members") => `/${part(tenant)}/access/${tab}`,
  role: (tenant: string, id: string) => `/${part(tenant)}/access/roles/${part(id)}`,
  group: (tenant: string, id: string) => `/${part(tenant)}/access/groups/${part(id)}`,
  member: (tenant: string, id: string) => `/${part(tenant)}/access/members/${part(id)}`,
  integration: (tenant: string, id: string) => `/${part(tenant)}/access/integrations/${part(id)}`,
  serviceAccount: (tenant: string, id: string) => `/${part(tenant)}/access/accounts/${part(id)}`,
  instanceAccount: (tenant: string, id: string) => `/${part(tenant)}/instance/accounts/${part(id)}`,
  user: (tenant: string, id: string) => `/${part(tenant)}/instance/users/${part(id)}`,
  profile: (tenant: string) => `/${part(tenant)}/profile`,
  governance: (tenant: string, tab = "policies") => `/${part(tenant)}/governance/${tab}`,
  instance: (tenant: string, tab = "overview") => `/${part(tenant)}/instance/${tab}`,
};
