/** Every address of the application and the page that answers it. */
import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  type RouterHistory,
  redirect,
} from "@tanstack/react-router";
import { onSessionExpired } from "./api/client";
import { SignInPage } from "./features/session/SignInPage";
import { StartPage } from "./features/session/StartPage";
import { NotFoundPage, PageFailure } from "./features/shell/PageFailure";
import { RowsLoading } from "./kit/Notices";
import { parseSearch, stringifySearch } from "./url";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage });

const start = createRoute({ getParentRoute: () => root, path: "/", component: StartPage });
const signIn = createRoute({ getParentRoute: () => root, path: "/sign-in", component: SignInPage });
const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  component: lazyRouteComponent(() => import("./features/setup/SetupPage"), "SetupPage"),
});
const forgottenPassword = createRoute({
  getParentRoute: () => root,
  path: "/forgot-password",
  component: lazyRouteComponent(() => import("./features/session/ForgottenPassword"), "ForgottenPassword"),
});
const resetPassword = createRoute({
  getParentRoute: () => root,
  path: "/reset-password/$token",
  component: lazyRouteComponent(() => import("./features/session/ForgottenPassword"), "ResetPassword"),
});
const invitation = createRoute({
  getParentRoute: () => root,
  path: "/invitation/$invitationId",
  component: lazyRouteComponent(() => import("./features/access/invitations/AcceptPage"), "AcceptPage"),
});
const tenant = createRoute({
  getParentRoute: () => root,
  path: "/$tenant",
  component: lazyRouteComponent(() => import("./features/shell/Shell"), "Shell"),
});

const tenantHome = createRoute({
  getParentRoute: () => tenant,
  path: "/",
  beforeLoad: ({ params }) => {
    throw redirect({
      to: `/${encodeURIComponent((params as { tenant: string }).tenant)}/flows`,
      replace: true,
    });
  },
});
const overview = createRoute({
  getParentRoute: () => tenant,
  path: "/overview",
  component: lazyRouteComponent(() => import("./features/home/HomePage"), "HomePage"),
});
const flows = createRoute({
  getParentRoute: () => tenant,
  path: "/flows",
  component: lazyRouteComponent(() => import("./features/flows/FlowsPage"), "FlowsPage"),
});
const newFlow = createRoute({
  getParentRoute: () => tenant,
  path: "/flows/new",
  component: lazyRouteComponent(() => import("./features/flows/NewFlowPage"), "NewFlowPage"),
});
const flow = createRoute({
  getParentRoute: () => tenant,
  path: "/flows/$namespace/$flowId/{-$tab}",
  component: lazyRouteComponent(() => import("./features/flows/FlowPage"), "FlowPage"),
});
const executions = createRoute({
  getParentRoute: () => tenant,
  path: "/executions",
  component: lazyRouteComponent(() => import("./features/executions/ExecutionsPage"), "ExecutionsPage"),
});
const execution = createRoute({
  getParentRoute: () => tenant,
  path: "/executions/$executionId/{-$tab}",
  component: lazyRouteComponent(() => import("./features/executions/ExecutionPage"), "ExecutionPage"),
});
/** The address that other clients of this API write: namespace and flow before the id. */
const executionOfFlow = createRoute({
  getParentRoute: () => tenant,
  path: "/executions/$namespace/$flowId/$executionId/{-$tab}",
  component: lazyRouteComponent(() => import("./features/executions/ExecutionPage"), "ExecutionPage"),
});
const triggers = createRoute({
  getParentRoute: () => tenant,
  path: "/triggers",
  component: lazyRouteComponent(() => import("./features/triggers/TriggersPage"), "TriggersPage"),
});
const concurrency = createRoute({
  getParentRoute: () => tenant,
  path: "/concurrency",
  component: lazyRouteComponent(() => import("./features/concurrency/ConcurrencyPage"), "ConcurrencyPage"),
});
const logs = createRoute({
  getParentRoute: () => tenant,
  path: "/logs",
  component: lazyRouteComponent(() => import("./features/logs/LogsPage"), "LogsPage"),
});
const namespaces = createRoute({
  getParentRoute: () => tenant,
  path: "/namespaces",
  component: lazyRouteComponent(() => import("./features/namespaces/NamespacesPage"), "NamespacesPage"),
});
const namespace = createRoute({
  getParentRoute: () => tenant,
  path: "/namespaces/$namespace/{-$tab}",
  component: lazyRouteComponent(() => import("./features/namespaces/NamespacePage"), "NamespacePage"),
});
const credentials = createRoute({
  getParentRoute: () => tenant,
  path: "/credentials",
  component: lazyRouteComponent(() => import("./features/credentials/CredentialsPage"), "CredentialsPage"),
});
const audit = createRoute({
  getParentRoute: () => tenant,
  path: "/audit/{-$tab}",
  component: lazyRouteComponent(() => import("./features/audit/AuditPage"), "AuditPage"),
});
const access = createRoute({
  getParentRoute: () => tenant,
  path: "/access/{-$tab}",
  component: lazyRouteComponent(() => import("./features/access/AccessPage"), "AccessPage"),
});
const role = createRoute({
  getParentRoute: () => tenant,
  path: "/access/roles/$roleId",
  component: lazyRouteComponent(() => import("./features/access/roles/RolePage"), "RolePage"),
});
const group = createRoute({
  getParentRoute: () => tenant,
  path: "/access/groups/$groupId",
  component: lazyRouteComponent(() => import("./features/access/groups/GroupPage"), "GroupPage"),
});
const member = createRoute({
  getParentRoute: () => tenant,
  path: "/access/members/$userId",
  component: lazyRouteComponent(() => import("./features/access/members/MemberPage"), "MemberPage"),
});
const serviceAccount = createRoute({
  getParentRoute: () => tenant,
  path: "/access/accounts/$accountId",
  component: lazyRouteComponent(() => import("./features/access/accounts/AccountPage"), "AccountPage"),
});
const integration = createRoute({
  getParentRoute: () => tenant,
  path: "/access/integrations/$integrationId",
  component: lazyRouteComponent(
    () => import("./features/access/integrations/IntegrationPage"),
    "IntegrationPage",
  ),
});
const user = createRoute({
  getParentRoute: () => tenant,
  path: "/instance/users/$userId",
  component: lazyRouteComponent(() => import("./features/users/UserPage"), "UserPage"),
});
const instanceAccount = createRoute({
  getParentRoute: () => tenant,
  path: "/instance/accounts/$accountId",
  component: lazyRouteComponent(
    () => import("./features/instance/accounts/InstanceAccountPage"),
    "InstanceAccountPage",
  ),
});
const profile = createRoute({
  getParentRoute: () => tenant,
  path: "/profile",
  component: lazyRouteComponent(() => import("./features/profile/ProfilePage"), "ProfilePage"),
});
const governance = createRoute({
  getParentRoute: () => tenant,
  path: "/governance/{-$tab}",
  component: lazyRouteComponent(() => import("./features/governing/GovernancePage"), "GovernancePage"),
});
const instance = createRoute({
  getParentRoute: () => tenant,
  path: "/instance/{-$tab}",
  component: lazyRouteComponent(() => import("./features/instance/InstancePage"), "InstancePage"),
});

const tree = root.addChildren([
  start,
  signIn,
  setup,
  forgottenPassword,
  resetPassword,
  invitation,
  tenant.addChildren([
    tenantHome,
    overview,
    flows,
    newFlow,
    flow,
    executions,
    execution,
    executionOfFlow,
    triggers,
    concurrency,
    logs,
    namespaces,
    namespace,
    credentials,
    audit,
    access,
    role,
    group,
    member,
    serviceAccount,
    integration,
    profile,
    governance,
    instance,
    instanceAccount,
    user,
  ]),
]);

export function createAppRouter(client: QueryClient, history?: RouterHistory) {
  const router = createRouter({
    routeTree: tree,
    basepath: "/ui",
    history,
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultPreloadDelay: 80,
    defaultErrorComponent: PageFailure,
    defaultPendingComponent: () => <RowsLoading rows={6} />,
    defaultNotFoundComponent: NotFoundPage,
    scrollRestoration: true,
  });
  onSessionExpired(() => {
    const { pathname, searchStr } = router.state.location;
    if (isPublic(pathname)) return;
    client.clear();
    router.navigate({ to: "/sign-in", search: { to: pathname + searchStr } as never, replace: true });
  });
  return router;
}

/** Pages that may be asked who is signed in without sending anybody away. */
function isPublic(pathname: string): boolean {
  return pathname === "/" || /^\/(sign-in|invitation|forgot-password|reset-password)/.test(pathname);
}
