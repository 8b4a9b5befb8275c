"""What the endpoints of identities and rights take and give, for the API's description."""

from __future__ import annotations

from functools import partial
from typing import Any

from control_plane.kernel.api.answers import PagedResults
from control_plane.kernel.api.schema import JSON, NOTHING, TEXT, YAML, Content, describe
from iam.api import access_answers, answers, integration_answers, provider_answers
from iam.api.acls import AclsView
from iam.api.as_code import AccessAsCodeView
from iam.api.bindings import BindingsView, TenantAccessView
from iam.api.bodies import (
    AccessBody,
    AccountBody,
    AccountPatch,
    Autocomplete,
    BindingBody,
    Credentials,
    Disabled,
    GroupDetails,
    Ids,
    NewGroupOfUsers,
    NewInstanceAccount,
    NewTokenBody,
    RoleBody,
    RoleName,
    Rotation,
    Superadmin,
    UserAutocomplete,
    UserGroups,
)
from iam.api.configs import ConfigsView
from iam.api.directory_syncs import DirectoryChecksView, DirectorySyncsView
from iam.api.groups import GroupsView, MembersView, UserGroupsView
from iam.api.identity_providers import ProvidersView
from iam.api.instance_accounts import InstanceAccountsView, InstanceAccountTokensView
from iam.api.invitations import InvitationLinkView, InvitationsView, MyInvitationsView
from iam.api.license import LicenseView
from iam.api.me import MeView, MyPasswordView, MySessionsView, MyTokensView
from iam.api.past import PastView
from iam.api.roles import RolesView
from iam.api.security_integrations import IntegrationChanges, NewIntegration, SecurityIntegrationsView
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
from iam.sso.oidc.views import BackchannelLogout, SignInByProvider

_gone = partial(describe, answer=NOTHING, status=204)

describe(SetupView.show, answer=answers.SetupConfiguration)
describe(SetupView.create, answer=answers.SetupUser)
describe(SetupView.basic, answer=dict[str, str], names={"tenant_id": "tenant"})
describe(LicenseView.show, answer=answers.LicenseInfo)
describe(LicenseView.refresh, answer=NOTHING)
describe(SupportView.debug_info, answer=answers.SupportDebugInfo)
describe(SupportView.forward, body=Content(("multipart/form-data",), dict[str, Any]), answer=dict[str, str])
describe(
    SignInView.create, body=Content((JSON, "application/x-www-form-urlencoded"), Credentials), answer=answers.SignedIn
)
describe(SignOutView.create, answer=dict[str, str])
describe(SignInMethodsView.show, answer=provider_answers.SignInMethods)
describe(SignInMethodsView.lookup, answer=provider_answers.LedTo)
describe(SignInMethodsView.login, answer=answers.LoginConfiguration)
describe(SignInMethodsView.errors, answer=list[str])
describe(PasswordRuleView.check, body=TEXT, answer=NOTHING)
describe(ConfigsView.show, answer=answers.Configuration)

describe(MeView.show, MeView.update, answer=answers.Me)
describe(MyPasswordView.update, answer=dict[str, str])
describe(MyTokensView.list, UserTokensView.list, answer=answers.ApiTokenList)
describe(MyTokensView.create, MyTokensView.rotate, answer=answers.NewApiToken)
describe(UserTokensView.create, answer=answers.NewApiToken, status=201)
_gone(MyTokensView.delete)

_of_user = partial(describe, names={"user_id": "id"})
describe(UsersView.list, answer=PagedResults[answers.ApiUser])
describe(UsersView.create, answer=answers.ApiUser, status=201)
_of_user(UsersView.show, UsersView.update, UsersView.patch, answer=answers.ApiUser)
_of_user(UserStateView.password, UserStateView.restricted, UserStateView.superadmin, answer=answers.ApiUser)
_of_user(UserStateView.auth, UserStateView.unlock, answer=answers.ApiUser)
_of_user(UserTokensView.list, UserTokensView.create)
_of_user(UsersView.delete, UserStateView.sessions, UserTokensView.delete, answer=NOTHING, status=204)

describe(AclsView.permissions, answer=dict[str, list[str]])
describe(AclsView.templates, answer=dict[str, dict[str, list[str]]])

_of_role = partial(describe, names={"role_id": "id"})
describe(RolesView.search, answer=PagedResults[answers.RoleSummary])
describe(RolesView.autocomplete, body=Autocomplete, answer=list[answers.RoleSummary])
describe(RolesView.by_ids, body=Ids, answer=list[answers.Role])
describe(RolesView.create, body=RoleBody, answer=answers.Role)
_of_role(RolesView.show, answer=answers.Role)
_of_role(RolesView.update, body=RoleBody, answer=answers.Role)
describe(RolesView.copy, names={"role_id": "id"}, body=RoleName, answer=answers.Role)
_of_role(RolesView.delete, answer=NOTHING, status=204)

_of_binding = partial(describe, names={"binding_id": "id"})
describe(BindingsView.search, answer=PagedResults[answers.Binding])
describe(BindingsView.create, body=BindingBody, answer=answers.Binding)
describe(BindingsView.bulk, body=list[BindingBody], answer=list[answers.Binding])
_of_binding(BindingsView.show, answer=answers.Binding)
_of_binding(BindingsView.delete, answer=NOTHING, status=204)

describe(TenantAccessView.list, answer=PagedResults[answers.TenantMember])
describe(TenantAccessView.autocomplete, body=UserAutocomplete, answer=list[answers.TenantMember])
describe(TenantAccessView.show, answer=answers.TenantAccess)
describe(TenantAccessView.create, body=AccessBody, answer=NOTHING, status=204)
describe(TenantAccessView.put, answer=NOTHING, status=201)
_gone(TenantAccessView.delete)

_of_group = partial(describe, names={"group_id": "id", "user_id": "userId"})
describe(GroupsView.search, answer=PagedResults[answers.GroupSummary])
describe(GroupsView.autocomplete, body=Autocomplete, answer=list[answers.GroupSummary])
describe(GroupsView.by_ids, body=Ids, answer=list[answers.GroupSummary])
describe(GroupsView.create, body=NewGroupOfUsers, answer=answers.GroupSummary)
_of_group(GroupsView.show, answer=answers.GroupSummary)
_of_group(GroupsView.update, body=GroupDetails, answer=answers.GroupSummary)
_of_group(GroupsView.delete, answer=NOTHING)
_of_group(MembersView.list, answer=PagedResults[answers.GroupMember])
_of_group(MembersView.add, MembersView.remove, MembersView.membership, answer=answers.GroupMember)
describe(UserGroupsView.update, body=UserGroups, names={"user_id": "id"}, answer=NOTHING, status=204)

_of_account = partial(describe, names={"account_id": "id", "token_id": "tokenId"})
describe(ServiceAccountsView.list, answer=PagedResults[answers.TenantAccount])
describe(ServiceAccountsView.create, body=AccountBody, answer=answers.ServiceAccount)
_of_account(ServiceAccountsView.show, answer=answers.ServiceAccount)
_of_account(ServiceAccountsView.update, body=AccountBody, answer=answers.ServiceAccount)
_of_account(ServiceAccountsView.state, body=Disabled, answer=answers.ServiceAccount)
_of_account(ServiceAccountsView.delete, answer=NOTHING)
describe(InstanceAccountsView.list, answer=PagedResults[answers.InstanceServiceAccount])
describe(InstanceAccountsView.create, body=NewInstanceAccount, answer=answers.InstanceServiceAccount)
_of_account(InstanceAccountsView.show, answer=answers.InstanceServiceAccount)
_of_account(InstanceAccountsView.patch, body=AccountPatch, answer=answers.InstanceServiceAccount)
_of_account(InstanceAccountsView.superadmin, body=Superadmin, answer=answers.InstanceServiceAccount)
_of_account(InstanceAccountsView.state, body=Disabled, answer=answers.InstanceServiceAccount)
_of_account(InstanceAccountsView.delete, answer=NOTHING, status=204)
for _tokens in (AccountTokensView, InstanceAccountTokensView):
    _of_account(_tokens.list, answer=answers.ApiTokenList)
    _of_account(_tokens.create, body=NewTokenBody, answer=answers.NewApiToken)
    _of_account(_tokens.rotate, body=Rotation, answer=answers.NewApiToken)
    _of_account(_tokens.delete, answer=dict[str, str])

_of_invitation = partial(describe, names={"invitation_id": "id", "named": "invitationId"})
describe(InvitationsView.search, answer=PagedResults[answers.InvitationDetail])
describe(InvitationsView.by_email, answer=list[answers.InvitationDetail])
describe(InvitationsView.create, answer=answers.InvitationDetail, status=201, empty=(204,))
_of_invitation(InvitationsView.show, InvitationsView.resend, answer=answers.InvitationDetail)
_of_invitation(InvitationsView.delete, answer=NOTHING, status=204)
describe(MyInvitationsView.list, answer=list[answers.MyInvitation])
_of_invitation(InvitationLinkView.show, answer=answers.OpenInvitation)
_of_invitation(InvitationLinkView.accept, InvitationLinkView.create, answer=answers.Accepted)

describe(ForgottenPasswordView.ask, ForgottenPasswordView.reset, ForgottenPasswordView.code, answer=dict[str, str])
describe(MySessionsView.list, answer=list[answers.MySession])
describe(MySessionsView.end, names={"session_id": "sessionId"}, answer=NOTHING, status=204)
describe(MySessionsView.end_others, answer=answers.Count)

_of_user(ImpersonationView.start, answer=answers.Impersonated)
_gone(ImpersonationView.stop)

describe(WhyView.held, answer=access_answers.HeldRights)
describe(PastView.show, answer=access_answers.PastRights)
describe(WhyView.explain, answer=access_answers.Explanation)
describe(WhyView.search, InstanceRefusalsView.search, answer=PagedResults[access_answers.RefusedRequest])
describe(WhyView.show, answer=access_answers.ExplainedRefusal)

describe(AccessAsCodeView.export, answer=YAML)
describe(AccessAsCodeView.plan, AccessAsCodeView.apply, answer=access_answers.AccessSteps)
describe(ProvidersView.list, answer=provider_answers.IdentityProviders)
describe(
    ProvidersView.create,
    ProvidersView.show,
    ProvidersView.update,
    ProvidersView.enable,
    ProvidersView.disable,
    ProvidersView.refresh,
    answer=provider_answers.IdentityProviderAnswer,
)
_gone(ProvidersView.delete)
describe(ProvidersView.discover, answer=provider_answers.Discovered)
describe(ProvidersView.test, answer=provider_answers.SignInTest)
describe(ProvidersView.simulate, answer=provider_answers.Simulation)
describe(DirectoryChecksView.check, answer=provider_answers.SignInTest)
describe(DirectorySyncsView.list, answer=provider_answers.DirectorySyncs)
describe(DirectorySyncsView.ask, DirectorySyncsView.show, answer=provider_answers.DirectorySyncAnswer)
describe(SignInByProvider.begin, SignInByProvider.finish, answer=NOTHING, status=302)
describe(BackchannelLogout.end, answer=NOTHING)

_of_integration = partial(describe, names={"integration_id": "id"})
describe(SecurityIntegrationsView.list, answer=integration_answers.SecurityIntegrations)
describe(SecurityIntegrationsView.search, answer=PagedResults[integration_answers.SecurityIntegration])
describe(SecurityIntegrationsView.create, body=NewIntegration, answer=integration_answers.NewSecurityIntegration)
_of_integration(
    *(SecurityIntegrationsView.show, SecurityIntegrationsView.enable, SecurityIntegrationsView.disable),
    SecurityIntegrationsView.delete,
    answer=integration_answers.SecurityIntegration,
)
_of_integration(
    SecurityIntegrationsView.update, body=IntegrationChanges, answer=integration_answers.SecurityIntegration
)
_of_integration(SecurityIntegrationsView.rotate, body=Rotation, answer=integration_answers.NewSecurityIntegration)
_of_integration(SecurityIntegrationsView.calls, answer=integration_answers.IntegrationCalls)
