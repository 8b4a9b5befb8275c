/** The frame of every page of a tenant: navigation, search, who is signed in, and the live connection. */
import {
  ActionIcon,
  Drawer,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { spotlight } from "@mantine/spotlight";
import { IconMenu2, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { to } from "@/addresses";
import { Banners } from "@/features/announcements/Banners";
import { Bell } from "@/features/notifications/Bell";
import { usePreferences } from "@/features/profile/preferences";
import { meQuery, rememberTenant } from "@/features/session/queries";
import { Failure } from "@/kit/Notices";
import { done } from "@/kit/notify";
import { modifierName, ShortcutsHelp, useShortcut } from "@/kit/shortcuts";
import { LiveProvider } from "@/live/LiveProvider";
import { useTenant } from "@/url";
import { crumbsOf, namespaceOf } from "./crumbs";
import { Impersonation } from "./Impersonation";
import { LiveBadge } from "./LiveBadge";
import { Navigation } from "./Navigation";
import { Palette } from "./Palette";
import classes from "./Shell.module.css";

export function Shell() {
  const tenant = useTenant();
  const { pathname } = useLocation();
  const me = useQuery(meQuery);
  useEffect(() => rememberTenant(tenant), [tenant]);
  usePreferences(me.data);
  if (me.isError) return <Failure error={me.error} onRetry={me.refetch} />;
  return (
    <LiveProvider tenant={tenant}>
      <a href="#content" className={classes.skip}>
        Skip to the content
      </a>
      <div className={classes.shell}>
        <aside className={classes.side}>
          <Navigation />
        </aside>
        <div className={classes.main}>
          <Impersonation />
          <TopBar />
          <Banners tenant={tenant} namespace={namespaceOf(pathname)} />
          <main id="content" className={classes.content} tabIndex={-1}>
            <Outlet />
          </main>
        </div>
      </div>
      <Palette />
      <ShortcutsHelp />
      <GoToShortcuts />
    </LiveProvider>
  );
}

function TopBar() {
  const [opened, drawer] = useDisclosure();
  const { pathname } = useLocation();
  const { close } = drawer;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the drawer closes when the page changes
  useEffect(close, [pathname]);
  return (
    <div className={classes.top}>
      <ActionIcon className={classes.burger} aria-label="Open the navigation" onClick={drawer.open}>
        <IconMenu2 size={18} />
      </ActionIcon>
      <Drawer opened={opened} onClose={close} size={260} withCloseButton={false} padding={0} title={null}>
        <div className={classes.drawer}>
          <Navigation />
        </div>
      </Drawer>
      <Crumbs />
      <div className={classes.tools}>
        <UnstyledButton className={classes.search} onClick={spotlight.open} aria-label="Search everything">
          <IconSearch size={14} />
          <span className={classes.searchText}>Search</span>
          <kbd className={classes.key}>{modifierName()} K</kbd>
        </UnstyledButton>
        <Bell />
        <LiveBadge />
      </div>
    </div>
  );
}

function Crumbs() {
  const { pathname } = useLocation();
  const crumbs = crumbsOf(pathname);
  return (
    <nav aria-label="Breadcrumbs" className={classes.crumbs}>
      <ol>
        {crumbs.map((crumb, index) => (
          <li key={crumb.to}>
            {index < crumbs.length - 1 ? (
              <Link to={crumb.to}>{crumb.label}</Link>
            ) : (
              <span>{crumb.label}</span>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}

async function copyAddress() {
  await navigator.clipboard.writeText(window.location.href);
  done("Address copied");
}

function GoToShortcuts() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme();
  const tenant = useTenant();
  const navigate = useNavigate();
  useShortcut("g o", "Go to the overview", () => navigate({ to: to.overview(tenant) }));
  useShortcut("g f", "Go to flows", () => navigate({ to: to.flows(tenant) }));
  useShortcut("g e", "Go to executions", () => navigate({ to: to.executions(tenant) }));
  useShortcut("g l", "Go to logs", () => navigate({ to: to.logs(tenant) }));
  useShortcut("g n", "Go to namespaces", () => navigate({ to: to.namespaces(tenant) }));
  useShortcut("g r", "Go to access and rights", () => navigate({ to: to.access(tenant) }));
  useShortcut("g a", "Go to the audit log", () => navigate({ to: to.audit(tenant) }));
  useShortcut("y", "Copy the address of this page", copyAddress);
  useShortcut("t", "Switch between light and dark", () =>
    setColorScheme(scheme === "dark" ? "light" : "dark"),
  );
  useShortcut("c", "Create a flow", () => navigate({ to: to.newFlow(tenant) }));
  return null;
}
