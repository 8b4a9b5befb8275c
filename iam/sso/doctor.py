"""What an operator asks when nobody can sign in: the passwords that are left, and each provider, from this machine."""

from __future__ import annotations

from collections.abc import Iterator

from control_plane.kernel.config import config
from control_plane.kernel.scope import across_tenants, instance_scope
from control_plane.kernel.words.errors import ControlPlaneError
from iam.directories.providers import secret_of
from iam.directories.settings import LDAP
from iam.models import IdentityProvider, User
from iam.sso.ldap.checking import Check
from iam.sso.oidc.discovery import discover
from iam.sso.oidc.keys import fetch_keys

Finding = tuple[str, bool, str]


def findings() -> Iterator[Finding]:
    """Name, whether it is well, and what was seen. Call it outside of any scope."""
    with instance_scope():
        admins = list(User.objects.filter(is_superadmin=True, is_disabled=False).exclude(password=""))
    passwords = config().sign_in.passwords
    yield "passwords", True, f"{passwords} may sign in by a password"
    names = ", ".join(sorted(user.email for user in admins))
    yield "a door that stays open", bool(admins), names or "no superadmin has a password"
    with across_tenants("an operator asks all providers whether they answer"):
        providers = sorted(IdentityProvider.objects.all(), key=lambda each: (each.tenant_id, each.name))
    yield "providers", bool(providers) or passwords == "everybody", f"{len(providers)} are connected"
    for provider in providers:
        yield _asked(provider)


def _asked(provider: IdentityProvider) -> Finding:
    name = f"{provider.tenant_id or 'instance'}/{provider.name}"
    if not provider.is_enabled:
        return name, True, "is turned off"
    try:
        secret_of(provider)
        return name, True, _answered(provider)
    except ControlPlaneError as error:
        return name, False, error.message


def _answered(provider: IdentityProvider) -> str:
    if provider.kind == LDAP:
        return _directory_answered(provider)
    metadata = discover(provider, provider.settings["issuer"])
    keys = fetch_keys(provider, metadata["jwks_uri"])
    if not keys:
        raise ControlPlaneError("it answers, and has no key that a token could be signed with")
    return f"answers at {metadata['issuer']}, {len(keys)} keys"


def _directory_answered(provider: IdentityProvider) -> str:
    checked = Check(provider).run()
    if checked["outcome"] == "refused":
        raise ControlPlaneError(checked["reason"])
    return "; ".join(step["text"] for step in checked["steps"])
