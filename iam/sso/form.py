"""The form of a name and a password: accounts of the instance first, then the directories that are asked by LDAP."""

from __future__ import annotations

from dataclasses import replace

from control_plane.kernel.actor import Context
from control_plane.kernel.scope import instance_scope
from control_plane.kernel.words.errors import ControlPlaneError
from iam.authentication.attempts import attempt_succeeded
from iam.authentication.credentials import BadCredentials
from iam.authentication.lockout import is_locked, place_of
from iam.authentication.sign_in import normal, tell_failure
from iam.directories.finding import forms_of
from iam.models import IdentityProvider
from iam.services.provider_sign_in import Proof, sign_in_by_provider
from iam.services.sessions import sign_in, wrong_credentials
from iam.sso.admission import admit, decide, tell_refusal
from iam.sso.ldap.people import Person
from iam.sso.ldap.sign_in import vouch, waiting_at_the_page
from iam.sso.refusals import ProviderUnreachable, SignInRefused


def sign_in_by_form(ctx: Context, *, username: str, password: str, tenant_id: str = "") -> str:
    """Open a session and return its secret. Call it outside of any scope, in a thread that may wait.

    The limits are the same whoever is asked: a wrong password counts once, and a name that is closed is asked of
    nobody, so that no directory closes an account because of us.
    """
    with instance_scope():
        providers = forms_of(tenant_id, username)
    try:
        return sign_in(ctx, username=username, password=password, is_last=not providers)
    except BadCredentials:
        if not providers:
            raise
    secret, unreachable = None, None
    if not _is_closed(ctx, username):
        secret, unreachable = _asked(ctx, providers, username, password)
    if secret is not None:
        return secret
    tell_failure(username, ctx.ip, ctx.request_id)
    raise unreachable or wrong_credentials()


def _is_closed(ctx: Context, username: str) -> bool:
    name = normal(username)
    with instance_scope():
        return is_locked(name, place_of(name, ctx.ip))


def _asked(
    ctx: Context, providers: list[IdentityProvider], username: str, password: str
) -> tuple[str | None, ProviderUnreachable | None]:
    """The secret of a session by the first that vouches; else whether one of them could not be asked."""
    unreachable, limits = None, waiting_at_the_page()
    for provider in providers:
        try:
            person = vouch(provider, username, password, limits)
        except SignInRefused as error:
            tell_refusal(ctx, provider, error.message)
            continue
        except ProviderUnreachable as error:
            tell_refusal(ctx, provider, error.message)
            unreachable = ProviderUnreachable(f"{provider.title} does not answer; try again")
            continue
        if person is not None:
            return _opened(ctx, provider, person, username), None
    return None, unreachable


def _opened(ctx: Context, provider: IdentityProvider, person: Person, username: str) -> str:
    decision = decide(provider, person.claims)
    trace = {"claims": person.claims, "rules": decision.rules, "groups": decision.names}
    try:
        user = admit(ctx, provider, replace(person.told, trace=trace), decision)
    except ControlPlaneError as error:
        tell_refusal(ctx, provider, f"{error.code}: {error.message}")
        raise
    attempt_succeeded(normal(username), ctx.ip)
    return sign_in_by_provider(ctx, user=user, provider=provider, proof=Proof(person.told.subject, name=username))
