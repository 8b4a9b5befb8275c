"""Identities and rights as the API's description names them."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from control_plane.kernel.api.answers import Moment, PagedResults


class PasswordConfiguration(TypedDict):
    """What a password must have."""

    passwordMinLength: int
    passwordRequireSpecial: bool
    passwordMinDigits: int
    passwordMinLowerCase: int
    passwordMinUpperCase: int


class SetupConfiguration(TypedDict):
    """What the instance is made of, and whether it has its first user."""

    done: bool
    repositoryType: str
    queueType: str
    storageType: str
    secretType: str
    passwordConfiguration: PasswordConfiguration
    haveAuthNotBasic: bool


class SetupAuth(TypedDict):
    uid: str
    type: str
    name: str


class SetupUser(TypedDict):
    """The first user."""

    type: str
    id: str
    username: str
    email: str
    superAdmin: bool
    groupList: list[dict[str, Any]]
    groups: list[dict[str, Any]]
    auths: list[SetupAuth]


class LicenseInfo(TypedDict):
    """An open edition has no licence that ends."""

    type: str
    expired: bool
    standalone: bool
    workerGroups: bool
    online: bool


class SupportDebugInfo(TypedDict):
    """What somebody who helps has to know of the instance."""

    kestraVersion: str
    authType: Literal["OIDC_SSO", "LDAP", "BASIC_AUTH"]
    deploymentType: Literal["KUBERNETES", "DOCKER_COMPOSE", "DOCKER", "STANDALONE"]
    queueType: str
    storageType: str
    repositoryType: str
    secretType: str


class SignedIn(TypedDict):
    username: str


class Auth(TypedDict):
    """A way to sign in."""

    id: NotRequired[str]
    name: str
    type: str


class LoginConfiguration(TypedDict):
    isBasicAuthInitialized: bool


class Preview(TypedDict):
    """How many rows a preview begins with, and may have."""

    initial: int
    max: int


class TenantConfiguration(TypedDict):
    storageByTenant: bool
    secretByTenant: bool


class Configuration(TypedDict):
    """What a client needs to know of the instance."""

    uuid: str
    version: str
    edition: str
    url: str
    systemNamespace: str
    hiddenLabelsPrefixes: list[str]
    chartDefaultDuration: str
    preview: Preview
    isCustomDashboardsEnabled: bool
    isAnonymousUsageEnabled: bool
    isUiAnonymousUsageEnabled: bool
    isAiEnabled: bool
    isAiApiKeyConfigured: bool
    isBasicAuthInitialized: bool
    isConcurrencyViewEnabled: bool
    pluginsHash: int
    tenants: TenantConfiguration
    secretsEnabled: bool
    supportedStorages: list[dict[str, Any]]
    supportedSecrets: list[dict[str, Any]]
    pluginManagementEnabled: bool
    pluginCustomEnabled: bool
    mailServiceEnabled: bool
    outputsInInternalStorageEnabled: bool
    supportEnabled: bool
    inMaintenance: bool
    passwordConfiguration: PasswordConfiguration
    passwordlessEnabled: bool
    airgapped: bool
    featureGating: bool
    features: list[str]
    killSwitches: list[dict[str, Any]]
    workerAuthEnabled: bool


class Profile(TypedDict):
    username: str
    email: NotRequired[str]
    firstName: NotRequired[str]
    lastName: NotRequired[str]


class MyTenant(TypedDict):
    id: str
    name: str
    logo: NotRequired[str]


class Preferences(TypedDict):
    language: NotRequired[str]
    theme: NotRequired[Literal["light", "dark", "auto"]]
    timeZone: NotRequired[str]


class Impersonator(TypedDict):
    id: str
    username: str


class Impersonated(Impersonator):
    """Whom one acts as; `header` is where a program names them."""

    header: NotRequired[str]


class MySession(TypedDict):
    """Where somebody is signed in."""

    id: str
    createdAt: Moment
    lastSeenAt: Moment
    expiresAt: Moment
    ip: NotRequired[str]
    userAgent: NotRequired[str]
    current: bool


class Count(TypedDict):
    count: int


class Me(TypedDict):
    """Whoever asks, and the tenants they may enter."""

    id: str
    superAdmin: bool
    restricted: bool
    profile: Profile
    auths: list[Auth]
    tenants: list[MyTenant]
    preferences: NotRequired[Preferences]
    impersonator: NotRequired[Impersonator]


class ApiToken(TypedDict):
    """A token without its secret."""

    id: str
    name: str
    description: NotRequired[str]
    prefix: str
    iat: Moment
    exp: NotRequired[Moment]
    lastUsed: NotRequired[Moment]
    allowedCidrs: NotRequired[list[str]]
    extended: bool
    expired: bool


class NewApiToken(TypedDict):
    """The only time that its secret is told."""

    id: str
    name: str
    fullToken: str


class IdAndName(TypedDict):
    id: str
    name: str


class ApiUser(TypedDict):
    """A user, as a superadmin sees them."""

    id: str
    username: str
    displayName: str
    firstName: NotRequired[str]
    lastName: NotRequired[str]
    email: str
    tenants: list[IdAndName]
    auths: list[Auth]
    groups: list[dict[str, str]]
    superAdmin: bool
    restricted: bool
    locked: NotRequired[bool]


class RoleSummary(TypedDict):
    id: str
    name: str
    isDefault: bool
    isManaged: bool
    permissionCount: int


class Role(TypedDict):
    """A set of actions on resources."""

    id: str
    name: str
    description: NotRequired[str]
    permissions: dict[str, list[str]]
    isDefault: bool
    isManaged: bool
    version: NotRequired[int]
    deleted: bool


class BoundUser(TypedDict):
    id: str
    username: str
    displayName: str


class Binding(TypedDict):
    """A role given to somebody, everywhere or in a namespace."""

    id: str
    type: Literal["USER", "GROUP"]
    namespace: NotRequired[str]
    role: IdAndName
    group: NotRequired[IdAndName]
    user: NotRequired[BoundUser]


class GroupSummary(TypedDict):
    """A group of users and service accounts."""

    id: str
    name: str
    description: NotRequired[str]
    managedBy: NotRequired[str]


class Place(TypedDict):
    """A group that somebody is in."""

    id: str
    name: str
    external: bool


class GroupMembership(Place):
    membership: Literal["OWNER", "MEMBER"]
    managedBy: NotRequired[str]


class GroupMember(BoundUser):
    """A user or a service account in a group."""

    groups: list[GroupMembership]


class InvitedRole(RoleSummary):
    """A role that an invitation gives, in these namespaces or everywhere."""

    namespaces: list[str]


InvitationStatus = Literal["PENDING", "ACCEPTED", "EXPIRED"]


class InvitationDetail(TypedDict):
    """An invitation into the tenant; `mail` says what became of the message."""

    id: str
    tenantId: str
    email: str
    status: InvitationStatus
    sentAt: Moment
    expiredAt: Moment
    acceptedAt: NotRequired[Moment]
    superAdmin: bool
    roles: list[InvitedRole]
    groups: list[GroupSummary]
    link: NotRequired[str]
    mail: NotRequired[Literal["QUEUED", "SENT", "FAILED"]]


class MyInvitation(TypedDict):
    """An invitation to whoever asks."""

    id: str
    email: str
    tenantId: str
    status: InvitationStatus
    isExpired: bool
    sentAt: Moment
    expiredAt: Moment
    groupIds: list[str]
    bindings: list[dict[str, Any]]
    superAdmin: bool
    userType: Literal["STANDARD", "SERVICE_ACCOUNT"]
    deleted: bool


class OpenInvitation(TypedDict):
    """What the person who opens a link is told."""

    email: str
    tenantId: str
    tenantName: str
    expiredAt: Moment
    hasAccount: bool


class Accepted(TypedDict):
    """Where the invitation led, and the name to sign in with."""

    tenantId: str
    username: NotRequired[str]


class GroupId(TypedDict):
    id: str


class ServiceAccount(TypedDict):
    """A machine that may enter the tenant."""

    id: str
    name: str
    description: NotRequired[str]
    groups: list[GroupId]
    superAdmin: bool
    disabled: bool
    ofInstance: bool


class InstanceServiceAccount(TypedDict):
    """A machine, and the tenants it may enter."""

    id: str
    name: str
    description: NotRequired[str]
    tenants: list[IdAndName]
    superAdmin: bool
    disabled: bool


class TenantMember(TypedDict):
    """Somebody who may enter the tenant."""

    id: str
    username: str
    displayName: str
    groups: list[Place]
    auths: list[Auth]


class TenantAccount(TenantMember):
    """A service account in the list of a tenant."""

    description: NotRequired[str]
    disabled: bool


class AssignedPermission(TypedDict):
    resource: str
    actions: list[str]


class AssignedRole(TypedDict):
    id: str
    name: str
    namespace: NotRequired[str]
    origin: Literal["GROUP", "BINDING"]
    sourceId: str
    permissions: list[AssignedPermission]


class TenantAccess(TypedDict):
    """What somebody may do in the tenant."""

    tenantId: str
    userId: str
    username: str
    displayName: str
    groups: list[Place]
    roles: list[AssignedRole]
    superAdmin: bool


ApiTokenList = PagedResults[ApiToken]
