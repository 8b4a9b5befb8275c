/** Where a page is, read from its address. */

export interface Crumb {
  label: string;
  to: string;
}

const SECTIONS: Record<string, string> = {
  overview: "Overview",
  flows: "Flows",
  executions: "Executions",
  triggers: "Triggers",
  concurrency: "Concurrency",
  logs: "Logs",
  namespaces: "Namespaces",
  credentials: "Credentials",
  access: "Access",
  audit: "Audit log",
  profile: "Profile",
  instance: "Instance",
};

/** Tabs under which single things have pages of their own. */
const TABS: Record<string, Record<string, string>> = {
  access: {
    members: "Members",
    groups: "Groups",
    accounts: "Service accounts",
    roles: "Roles",
    integrations: "Integrations",
  },
  instance: { users: "Users", accounts: "Service accounts" },
};

/** How many segments after the section name a thing; what follows is a tab. */
const DEPTH: Record<string, number> = { flows: 2, executions: 1, namespaces: 1 };

/** The namespace that a page is about, if its address names one. */
export function namespaceOf(pathname: string): string | undefined {
  const [, section, first] = pathname.split("/").filter(Boolean).map(decodeURIComponent);
  if (section === "namespaces") return first;
  return section === "flows" && first !== "new" ? first : undefined;
}

export function crumbsOf(pathname: string): Crumb[] {
  const [tenant, section, ...rest] = pathname.split("/").filter(Boolean).map(decodeURIComponent);
  if (!tenant || !section) return [];
  const base = `/${encodeURIComponent(tenant)}/${section}`;
  const crumbs = [{ label: SECTIONS[section] ?? section, to: base }];
  if (section === "flows" && rest[0] === "new") return [...crumbs, { label: "New flow", to: `${base}/new` }];
  const tab = TABS[section]?.[rest[0] ?? ""];
  if (tab && rest.length > 1) return [...crumbs, { label: tab, to: `${base}/${rest[0]}` }];
  // The API names an execution with its flow before it: `{namespace}/{flow}/{id}`.
  const named = section === "executions" && rest.length > 2 ? rest.slice(2) : rest;
  const names = named.slice(0, DEPTH[section] ?? 0);
  names.forEach((name, index) => {
    const path = names
      .slice(0, index + 1)
      .map(encodeURIComponent)
      .join("/");
    const isNamespaceOfFlow = section === "flows" && index === 0;
    crumbs.push({
      label: name,
      to: isNamespaceOfFlow ? `${base}?namespace=${encodeURIComponent(name)}` : `${base}/${path}`,
    });
  });
  return crumbs;
}
