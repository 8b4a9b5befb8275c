/** The list of sections, the tenant one is in, and one's own corner. */
import { Menu, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import {
  IconBinaryTree2,
  IconCalendarRepeat,
  IconCertificate,
  IconCheck,
  IconFileText,
  IconFolders,
  IconGavel,
  IconHistory,
  IconLayoutDashboard,
  IconLogout,
  IconPlayerPlay,
  IconSelector,
  IconServer2,
  IconShieldCheck,
  IconShieldLock,
  IconSunMoon,
  IconTrafficLights,
  IconUser,
} from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { to } from "@/addresses";
import { Logo } from "@/features/session/Logo";
import { meQuery, signOut } from "@/features/session/queries";
import { failed } from "@/kit/notify";
import { useTenant } from "@/url";
import classes from "./Navigation.module.css";

interface SectionLink {
  label: string;
  icon: typeof IconServer2;
  to: (tenant: string) => string;
  /** The part of the address that all its pages begin with, when it opens on a tab. */
  root?: string;
}

const SECTIONS: SectionLink[] = [
  { label: "Overview", icon: IconLayoutDashboard, to: to.overview },
  { label: "Flows", icon: IconBinaryTree2, to: to.flows },
  { label: "Executions", icon: IconPlayerPlay, to: to.executions },
  { label: "Triggers", icon: IconCalendarRepeat, to: to.triggers },
  { label: "Concurrency", icon: IconTrafficLights, to: to.concurrency },
  { label: "Logs", icon: IconFileText, to: to.logs },
  { label: "Namespaces", icon: IconFolders, to: to.namespaces },
  { label: "Credentials", icon: IconCertificate, to: to.credentials },
  { label: "Access", icon: IconShieldLock, to: to.access, root: "access" },
  { label: "Governance", icon: IconGavel, to: to.governance, root: "governance" },
  { label: "Audit log", icon: IconHistory, to: to.audit },
  { label: "Instance", icon: IconServer2, to: to.instance, root: "instance" },
];

export function Navigation() {
  const tenant = useTenant();
  const { pathname } = useLocation();
  return (
    <div className={classes.navigation}>
      <TenantSwitcher />
      <nav aria-label="Sections" className={classes.sections}>
        {SECTIONS.map(({ label, icon: Icon, to: address, root }) => {
          const target = address(tenant);
          const above = root ? `/${encodeURIComponent(tenant)}/${root}` : target;
          const current = pathname === above || pathname.startsWith(`${above}/`);
          return (
            <Link
              key={label}
              to={target}
              className={classes.section}
              aria-current={current ? "page" : undefined}
            >
              <Icon size={16} stroke={1.7} />
              {label}
            </Link>
          );
        })}
      </nav>
      <UserMenu />
    </div>
  );
}

function TenantSwitcher() {
  const tenant = useTenant();
  const me = useQuery(meQuery);
  const navigate = useNavigate();
  const tenants = me.data?.tenants ?? [];
  const name = tenants.find(({ id }) => id === tenant)?.name ?? tenant;
  return (
    <Menu position="bottom-start" width={220}>
      <Menu.Target>
        <UnstyledButton className={classes.tenant} aria-label={`Tenant ${name}; switch tenant`}>
          <Logo size={22} />
          <span className={classes.tenantName}>{name}</span>
          <IconSelector size={14} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Tenants</Menu.Label>
        {tenants.map(({ id = "", name: label }) => (
          <Menu.Item
            key={id}
            onClick={() => navigate({ to: to.home(id) })}
            rightSection={id === tenant ? <IconCheck size={14} /> : null}
          >
            {label ?? id}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function UserMenu() {
  const tenant = useTenant();
  const me = useQuery(meQuery);
  const client = useQueryClient();
  const navigate = useNavigate();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const profile = me.data?.profile;
  const name =
    [profile?.firstName, profile?.lastName].filter(Boolean).join(" ") || profile?.email || profile?.username;

  async function leave() {
    try {
      const elsewhere = await signOut();
      client.clear();
      if (elsewhere) window.location.assign(elsewhere);
      else await navigate({ to: to.signIn() });
    } catch (error) {
      failed(error);
    }
  }

  return (
    <Menu position="top-start" width={220}>
      <Menu.Target>
        <UnstyledButton className={classes.user} aria-label={`Your account, ${name ?? ""}`}>
          <span className={classes.avatar} aria-hidden>
            {(name ?? "?").charAt(0).toUpperCase()}
          </span>
          <span className={classes.userName}>{name ?? " "}</span>
          {me.data?.superAdmin && <IconShieldCheck size={14} aria-label="Superadmin" />}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to={to.profile(tenant)} leftSection={<IconUser size={14} />}>
          Profile and API tokens
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Appearance</Menu.Label>
        {(["auto", "light", "dark"] as const).map((scheme) => (
          <Menu.Item
            key={scheme}
            leftSection={<IconSunMoon size={14} />}
            rightSection={scheme === colorScheme ? <IconCheck size={14} /> : null}
            onClick={() => setColorScheme(scheme)}
            closeMenuOnClick={false}
          >
            {scheme === "auto" ? "Like the system" : scheme === "light" ? "Light" : "Dark"}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={14} />} onClick={leave}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
