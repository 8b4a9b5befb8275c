"""Addresses of identities."""

from __future__ import annotations

from django.urls import URLPattern, path

from iam.api import described  # noqa: F401  # its import gives the handlers their shapes
from iam.api.acls import AclsView
from iam.api.as_code import AccessAsCodeView
from iam.api.bindings import BindingsView, TenantAccessView
from iam.api.configs import ConfigsView
from iam.api.directory_syncs import (
    DirectoryChecksView,
    DirectorySyncsView,
    InstanceChecksView,
    InstanceSyncsView,
    TenantChecksView,
    TenantSyncsView,
)
from iam.api.groups import GroupsView, MembersView, UserGroupsView
from iam.api.identity_providers import InstanceProvidersView, ProvidersView, TenantProvidersView
from iam.api.instance_accounts import InstanceAccountsView, InstanceAccountTokensView
from iam.api.invitations import InvitationLinkView, InvitationsView, MyInvitationsView
from iam.api.license import LicenseView
from iam.api.me import MeView, MyPasswordView, MySessionsView, MyTokensView
from iam.api.past import PastView
from iam.api.roles import RolesView
from iam.api.security_integrations import SecurityIntegrationsView
from iam.api.service_accounts import AccountTokensView, ServiceAccountsView
from iam.api.sign_in import (
    ForgottenPasswordView,
    PasswordRuleView,
    SetupView,
    SignInMethodsView,
    SignInView,
    SignOutView,
)
from iam.api.support import SupportView
from iam.api.users import ImpersonationView, UserStateView, UsersView, UserTokensView
from iam.api.why import InstanceRefusalsView, WhyView
from iam.scim.urls import urlpatterns as scim_addresses
from iam.sso.oidc.views import InstanceBackchannelLogout, InstanceSignIn, TenantBackchannelLogout, TenantSignIn

V1 = "api/v1"
INTEGRATIONS = f"{V1}/<str:tenant>/security-integrations"
INTEGRATION = f"{INTEGRATIONS}/<str:integration_id>"
USER = f"{V1}/users/<str:user_id>"
ROLES = f"{V1}/<str:tenant>/roles"
BINDINGS = f"{V1}/<str:tenant>/bindings"
ACCESS = f"{V1}/<str:tenant>/tenant-access"
GROUPS = f"{V1}/<str:tenant>/groups"
ACCOUNTS = f"{V1}/<str:tenant>/service-accounts"
ACCOUNT = f"{ACCOUNTS}/<str:account_id>"
ALL_ACCOUNTS = f"{V1}/service-accounts"
ANY_ACCOUNT = f"{ALL_ACCOUNTS}/<str:account_id>"
TOKEN = "api-tokens/<str:token_id>"
INVITATIONS = f"{V1}/<str:tenant>/invitations"
GROUP = f"{GROUPS}/<str:group_id>"


def _of_providers(
    before: str, view: type[ProvidersView], checks: type[DirectoryChecksView], syncs: type[DirectorySyncsView]
) -> list[URLPattern]:
    providers = f"{before}/identity-providers"
    one, directory = f"{providers}/<str:provider_id>", f"{providers}/<str:directory_id>"
    return [
        path(providers, view.as_view({"get": "list", "post": "create"})),
        path(f"{providers}/discover", view.as_view({"post": "discover"})),
        path(one, view.as_view({"get": "show", "put": "update", "delete": "delete"})),
        path(f"{one}/enable", view.as_view({"post": "enable"})),
        path(f"{one}/disable", view.as_view({"post": "disable"})),
        path(f"{one}/discover", view.as_view({"post": "refresh"})),
        path(f"{one}/simulate", view.as_view({"post": "simulate"})),
        path(f"{one}/test", view.as_view({"get": "test"})),
        path(f"{directory}/check", checks.as_view({"post": "check"})),
        path(f"{directory}/syncs", syncs.as_view({"get": "list", "post": "ask"})),
        path(f"{directory}/syncs/<str:sync_id>", syncs.as_view({"get": "show"})),
    ]


urlpatterns = [
    path("login", SignInView.as_view({"post": "create"})),
    path(f"{V1}/login", SignInView.as_view({"post": "create"})),
    path(f"{V1}/logout", SignOutView.as_view({"post": "create"})),
    path(f"{V1}/setup", SetupView.as_view({"get": "show", "post": "create"})),
    path(f"{V1}/<str:tenant_id>/basicAuth", SetupView.as_view({"post": "basic"})),
    path(f"{V1}/license-info", LicenseView.as_view({"get": "show"})),
    path(f"{V1}/license/refresh", LicenseView.as_view({"get": "refresh"})),
    path(f"{V1}/auths", SignInMethodsView.as_view({"get": "show"}), name="sign_in_methods"),
    path(f"{V1}/auths/lookup", SignInMethodsView.as_view({"post": "lookup"})),
    *_of_providers(f"{V1}/instance", InstanceProvidersView, InstanceChecksView, InstanceSyncsView),
    *_of_providers(f"{V1}/<str:tenant>", TenantProvidersView, TenantChecksView, TenantSyncsView),
    path("oauth/login/<str:name>", InstanceSignIn.as_view({"get": "begin"})),
    path("oauth/callback/<str:name>", InstanceSignIn.as_view({"get": "finish"})),
    path("oauth/backchannel-logout/<str:name>", InstanceBackchannelLogout.as_view({"post": "end"})),
    path("oauth/login/<str:tenant>/<str:name>", TenantSignIn.as_view({"get": "begin"})),
    path("oauth/callback/<str:tenant>/<str:name>", TenantSignIn.as_view({"get": "finish"})),
    path("oauth/backchannel-logout/<str:tenant>/<str:name>", TenantBackchannelLogout.as_view({"post": "end"})),
    path(f"{V1}/configs", ConfigsView.as_view({"get": "show"})),
    path(f"{V1}/configs/login", SignInMethodsView.as_view({"get": "login"})),
    path(f"{V1}/basicAuthValidationErrors", SignInMethodsView.as_view({"get": "errors"})),
    path(f"{V1}/validate-password", PasswordRuleView.as_view({"post": "check"})),
    path(f"{V1}/me", MeView.as_view({"get": "show", "patch": "update"})),
    path(f"{V1}/me/password", MyPasswordView.as_view({"put": "update"})),
    path(f"{V1}/me/api-tokens", MyTokensView.as_view({"get": "list", "post": "create"})),
    path(f"{V1}/me/api-tokens/<str:token_id>", MyTokensView.as_view({"delete": "delete"})),
    path(f"{V1}/me/{TOKEN}/rotate", MyTokensView.as_view({"post": "rotate"})),
    path(f"{ALL_ACCOUNTS}", InstanceAccountsView.as_view({"get": "list", "post": "create"})),
    path(ANY_ACCOUNT, InstanceAccountsView.as_view({"get": "show", "patch": "patch", "delete": "delete"})),
    path(f"{ANY_ACCOUNT}/superadmin", InstanceAccountsView.as_view({"patch": "superadmin"})),
    path(f"{ANY_ACCOUNT}/disabled", InstanceAccountsView.as_view({"patch": "state"})),
    path(f"{ANY_ACCOUNT}/api-tokens", InstanceAccountTokensView.as_view({"get": "list", "post": "create"})),
    path(f"{ANY_ACCOUNT}/{TOKEN}", InstanceAccountTokensView.as_view({"delete": "delete"})),
    path(f"{ANY_ACCOUNT}/{TOKEN}/rotate", InstanceAccountTokensView.as_view({"post": "rotate"})),
    path(f"{V1}/forgotten-password", ForgottenPasswordView.as_view({"post": "ask"})),
    path(f"{V1}/reset-password", ForgottenPasswordView.as_view({"post": "reset"})),
    path(f"{V1}/request-code/<str:email>", ForgottenPasswordView.as_view({"get": "code"})),
    path(f"{V1}/me/sessions", MySessionsView.as_view({"get": "list", "delete": "end_others"})),
    path(f"{V1}/me/sessions/<str:session_id>", MySessionsView.as_view({"delete": "end"})),
    path(f"{USER}/impersonate", ImpersonationView.as_view({"post": "start"})),
    path(f"{V1}/me/impersonation", ImpersonationView.as_view({"delete": "stop"})),
    path(f"{USER}/unlock", UserStateView.as_view({"post": "unlock"})),
    path(f"{V1}/me/invitations", MyInvitationsView.as_view({"get": "list"})),
    path(f"{V1}/invitation/<str:named>", InvitationLinkView.as_view({"get": "show"})),
    path(f"{V1}/invitation/accept/<str:named>", InvitationLinkView.as_view({"post": "accept"})),
    path(f"{V1}/invitation/create/<str:named>", InvitationLinkView.as_view({"post": "create"})),
    path(f"{V1}/users", UsersView.as_view({"get": "list", "post": "create"})),
    path(USER, UsersView.as_view({"get": "show", "put": "update", "patch": "patch", "delete": "delete"})),
    path(f"{USER}/api-tokens", UserTokensView.as_view({"get": "list", "post": "create"})),
    path(f"{USER}/api-tokens/<str:token_id>", UserTokensView.as_view({"delete": "delete"})),
    path(f"{USER}/auths/<str:auth>", UserStateView.as_view({"delete": "auth"})),
    path(f"{USER}/password", UserStateView.as_view({"patch": "password"})),
    path(f"{USER}/refresh-token", UserStateView.as_view({"delete": "sessions"})),
    path(f"{USER}/restricted", UserStateView.as_view({"patch": "restricted"})),
    path(f"{USER}/superadmin", UserStateView.as_view({"patch": "superadmin"})),
    path(f"{V1}/<str:tenant>/support/debug-info", SupportView.as_view({"get": "debug_info"})),
    path(f"{V1}/<str:tenant>/support/forward", SupportView.as_view({"post": "forward"})),
    path(f"{V1}/<str:tenant>/acls/permissions", AclsView.as_view({"get": "permissions"})),
    path(f"{V1}/<str:tenant>/acls/templates", AclsView.as_view({"get": "templates"})),
    path(f"{ROLES}", RolesView.as_view({"post": "create"})),
    path(f"{ROLES}/autocomplete", RolesView.as_view({"post": "autocomplete"})),
    path(f"{ROLES}/ids", RolesView.as_view({"post": "by_ids"})),
    path(f"{ROLES}/search", RolesView.as_view({"get": "search"})),
    path(f"{ROLES}/<str:role_id>", RolesView.as_view({"get": "show", "put": "update", "delete": "delete"})),
    path(f"{ROLES}/<str:role_id>/copy", RolesView.as_view({"post": "copy"})),
    path(f"{BINDINGS}", BindingsView.as_view({"post": "create"})),
    path(f"{BINDINGS}/bulk", BindingsView.as_view({"post": "bulk"})),
    path(f"{BINDINGS}/search", BindingsView.as_view({"get": "search"})),
    path(f"{BINDINGS}/<str:binding_id>", BindingsView.as_view({"get": "show", "delete": "delete"})),
    path(f"{GROUPS}", GroupsView.as_view({"post": "create"})),
    path(f"{GROUPS}/autocomplete", GroupsView.as_view({"post": "autocomplete"})),
    path(f"{GROUPS}/ids", GroupsView.as_view({"post": "by_ids"})),
    path(f"{GROUPS}/search", GroupsView.as_view({"get": "search"})),
    path(GROUP, GroupsView.as_view({"get": "show", "put": "update", "delete": "delete"})),
    path(f"{GROUP}/members", MembersView.as_view({"get": "list"})),
    path(f"{GROUP}/members/membership/<str:user_id>", MembersView.as_view({"put": "membership"})),
    path(f"{GROUP}/members/<str:user_id>", MembersView.as_view({"put": "add", "delete": "remove"})),
    path(f"{V1}/<str:tenant>/users/<str:user_id>/groups", UserGroupsView.as_view({"put": "update"})),
    path(f"{ACCOUNTS}", ServiceAccountsView.as_view({"get": "list", "post": "create"})),
    path(ACCOUNT, ServiceAccountsView.as_view({"get": "show", "put": "update", "delete": "delete"})),
    path(f"{ACCOUNT}/disabled", ServiceAccountsView.as_view({"patch": "state"})),
    path(f"{ACCOUNT}/api-tokens", AccountTokensView.as_view({"get": "list", "post": "create"})),
    path(f"{ACCOUNT}/{TOKEN}", AccountTokensView.as_view({"delete": "delete"})),
    path(f"{ACCOUNT}/{TOKEN}/rotate", AccountTokensView.as_view({"post": "rotate"})),
    path(f"{INVITATIONS}", InvitationsView.as_view({"post": "create"})),
    path(f"{INVITATIONS}/search", InvitationsView.as_view({"get": "search"})),
    path(f"{INVITATIONS}/email/<str:email>", InvitationsView.as_view({"get": "by_email"})),
    path(f"{INVITATIONS}/<str:invitation_id>", InvitationsView.as_view({"get": "show", "delete": "delete"})),
    path(f"{INVITATIONS}/<str:invitation_id>/resend", InvitationsView.as_view({"post": "resend"})),
    path(f"{V1}/instance/refusals", InstanceRefusalsView.as_view({"get": "search"})),
    path(f"{V1}/<str:tenant>/access/export", AccessAsCodeView.as_view({"get": "export"})),
    path(f"{V1}/<str:tenant>/access/plan", AccessAsCodeView.as_view({"post": "plan"})),
    path(f"{V1}/<str:tenant>/access/apply", AccessAsCodeView.as_view({"post": "apply"})),
    path(f"{V1}/<str:tenant>/access/rights", WhyView.as_view({"get": "held"})),
    path(f"{V1}/<str:tenant>/access/past", PastView.as_view({"get": "show"})),
    path(f"{V1}/<str:tenant>/access/explain", WhyView.as_view({"get": "explain"})),
    path(f"{V1}/<str:tenant>/access/refusals/search", WhyView.as_view({"get": "search"})),
    path(f"{V1}/<str:tenant>/access/refusals/<str:reference>", WhyView.as_view({"get": "show"})),
    path(INTEGRATIONS, SecurityIntegrationsView.as_view({"get": "list", "post": "create"})),
    path(f"{INTEGRATIONS}/search", SecurityIntegrationsView.as_view({"get": "search"})),
    path(INTEGRATION, SecurityIntegrationsView.as_view({"get": "show", "patch": "update", "delete": "delete"})),
    path(f"{INTEGRATION}/enable", SecurityIntegrationsView.as_view({"post": "enable"})),
    path(f"{INTEGRATION}/disable", SecurityIntegrationsView.as_view({"post": "disable"})),
    path(f"{INTEGRATION}/rotate", SecurityIntegrationsView.as_view({"post": "rotate"})),
    path(f"{INTEGRATION}/calls", SecurityIntegrationsView.as_view({"get": "calls"})),
    path(ACCESS, TenantAccessView.as_view({"get": "list", "post": "create"})),
    path(f"{ACCESS}/autocomplete", TenantAccessView.as_view({"post": "autocomplete"})),
    path(f"{ACCESS}/<str:user_id>", TenantAccessView.as_view({"get": "show", "put": "put", "delete": "delete"})),
    *scim_addresses,
]
