"""What the endpoints of identity providers answer."""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict

from iam.api.answers import PasswordConfiguration


class IdentityProviderAnswer(TypedDict):
    id: str
    name: str
    title: str
    kind: str
    preset: str
    enabled: bool
    settings: dict[str, Any]
    hasSecret: bool
    rules: list[dict[str, Any]]
    domains: list[str]
    tenantId: NotRequired[str]
    redirectUri: NotRequired[str]
    backchannelLogoutUri: NotRequired[str]
    postLogoutRedirectUri: NotRequired[str]
    loginUri: NotRequired[str]
    discovered: NotRequired[dict[str, str]]
    createdAt: str
    syncedAt: NotRequired[str]
    lastSync: NotRequired[dict[str, Any]]


class IdentityProviders(TypedDict):
    results: list[IdentityProviderAnswer]
    total: int


class RuleOutcome(TypedDict):
    """What one rule saw, which of it matched, and the groups that follow."""

    rule: dict[str, Any]
    seen: list[str]
    matched: list[str]
    groups: list[str]


class GivenRole(TypedDict):
    name: str
    namespace: NotRequired[str]
    permissions: dict[str, list[str]]


class GivenGroup(TypedDict):
    name: str
    id: str
    exists: bool
    roles: list[GivenRole]


class GivenTenant(TypedDict):
    id: str
    groups: list[GivenGroup]


class Simulation(TypedDict):
    rules: list[RuleOutcome]
    tenants: list[GivenTenant]


class Discovered(TypedDict):
    """What an issuer says of itself, as far as we use it."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: NotRequired[str]
    end_session_endpoint: NotRequired[str]
    id_token_signing_alg_values_supported: NotRequired[list[str]]
    token_endpoint_auth_methods_supported: NotRequired[list[str]]
    code_challenge_methods_supported: NotRequired[list[str]]
    scopes_supported: NotRequired[list[str]]
    claims_supported: NotRequired[list[str]]
    authorization_response_iss_parameter_supported: NotRequired[bool]
    backchannel_logout_supported: NotRequired[bool]


class CheckStep(TypedDict):
    """One of what was tried, in words."""

    name: str
    ok: bool
    text: str


class SignInTest(TypedDict):
    """What a sign-in that was only tried would have done; of a directory, step by step."""

    at: str
    outcome: str
    steps: NotRequired[list[CheckStep]]
    reason: NotRequired[str]
    subject: NotRequired[str]
    email: NotRequired[str]
    verified: NotRequired[bool]
    firstName: NotRequired[str]
    lastName: NotRequired[str]
    claims: NotRequired[dict[str, Any]]
    rules: NotRequired[list[RuleOutcome]]
    groups: NotRequired[dict[str, list[str]]]


class SignInButton(TypedDict):
    """A provider that somebody may sign in with; without an address it is asked by name and password."""

    name: str
    title: str
    kind: str
    preset: str
    loginUri: str


class SignInMethods(TypedDict):
    login: bool
    loginPassword: bool
    mailServiceEnabled: bool
    mailsEnabled: bool
    passwordless: bool
    passwordConfiguration: PasswordConfiguration
    oauths: list[str]
    providers: list[SignInButton]


class LedTo(TypedDict):
    loginUri: str
    title: str


class SyncedPerson(TypedDict):
    """Somebody who differs: what changes of them, and which groups they gain and lose, by tenant."""

    email: NotRequired[str]
    subject: NotRequired[str]
    name: NotRequired[str]
    entry: NotRequired[str]
    userId: NotRequired[str]
    outcome: NotRequired[str]
    before: NotRequired[dict[str, str]]
    after: NotRequired[dict[str, str]]
    gained: NotRequired[dict[str, list[str]]]
    lost: NotRequired[dict[str, list[str]]]
    lastSeenAt: NotRequired[str]
    reason: NotRequired[str]


class SyncDiff(TypedDict, total=False):
    """The first of each kind; the counts say how many there are."""

    joined: list[SyncedPerson]
    changed: list[SyncedPerson]
    left: list[SyncedPerson]
    refused: list[SyncedPerson]
    groups: dict[str, list[str]]


class DirectorySyncAnswer(TypedDict):
    id: str
    state: str
    dryRun: bool
    forced: bool
    askedBy: NotRequired[str]
    askedAt: str
    startedAt: NotRequired[str]
    endedAt: NotRequired[str]
    counts: dict[str, int]
    diff: NotRequired[SyncDiff]
    problem: NotRequired[str]


class DirectorySyncs(TypedDict):
    results: list[DirectorySyncAnswer]
    total: int
