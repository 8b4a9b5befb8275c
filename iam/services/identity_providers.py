"""Identity providers: connected, changed and taken away, by an admin of a tenant or of the instance."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import iso, now
from control_plane.kernel.words.errors import Conflict, Forbidden, Invalid, NotFound, Violation
from control_plane.kernel.words.names import check_name
from iam.authorization import versions
from iam.directories.providers import provider_facts, seal_secret
from iam.directories.settings import KINDS, LDAP, OIDC, check_settings
from iam.models import DirectorySync, ExternalIdentity, GroupMember, IdentityProvider, Session
from iam.permissions import SECURITY_INTEGRATION
from iam.record.mapping import check_tenants, checked_rules
from tenants.models import Tenant

PRESETS = ("generic", "keycloak", "okta", "entra", "google", "authentik", "auth0", "openldap", "active-directory")
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_WHERE_SECRETS_GO = ("url", "startTls", "authorities")
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


@dataclass(frozen=True)
class ProviderWish:
    """What is asked for. A secret that is None stays as it is; "" takes it away."""

    name: str
    title: str = ""
    kind: str = OIDC
    preset: str = "generic"
    settings: dict[str, Any] = field(default_factory=dict)
    secret: str | None = None
    rules: Sequence[dict[str, Any]] = ()
    domains: Sequence[str] = ()
    is_enabled: bool = True
    metadata: dict[str, Any] | None = None
    """What its issuer has said of itself just now; None leaves what is known."""


def locked_provider(ctx: Context, *, provider_id: str) -> Target:
    provider = IdentityProvider.objects.select_for_update().filter(id=provider_id).first()
    if provider is None:
        raise NotFound()
    return Target(provider)


@command(SECURITY_INTEGRATION.CREATE, instance=None)
def create_identity_provider(ctx: Context, *, wish: ProviderWish) -> IdentityProvider:
    """Connect a directory. Conflict when the name is taken; nobody gives groups by it that they could not give."""
    if wish.kind not in KINDS:
        raise _wrong("kind", f"one of {', '.join(KINDS)} is expected")
    if not _NAME.fullmatch(wish.name):
        raise _wrong("name", "lower case letters, digits and hyphens are expected: it is part of an address")
    if IdentityProvider.objects.filter(name=wish.name).exists():
        raise Conflict(f"there is an identity provider {wish.name} already")
    provider = IdentityProvider(name=wish.name, kind=wish.kind)
    provider.tenant_id = ctx.tenant_id or ""
    _fill(ctx, provider, wish)
    provider.save(force_insert=True)
    ctx.record("SECURITY_INTEGRATION", provider.id, after=provider_facts(provider))
    return provider


@command(SECURITY_INTEGRATION.UPDATE, on=locked_provider, instance=None)
def update_identity_provider(ctx: Context, *, provider_id: str, wish: ProviderWish) -> IdentityProvider:
    """Change everything but its name and kind. Another issuer means other people: nobody stays bound by the old one."""
    provider = ctx.target_as(IdentityProvider)
    before = provider_facts(provider)
    if (wish.name, wish.kind) != (provider.name, provider.kind):
        raise _wrong("name", "name and kind of a provider stay: its addresses are made of them")
    _fill(ctx, provider, wish)
    provider.save()
    ctx.record("SECURITY_INTEGRATION", provider.id, before=before, after=provider_facts(provider))
    return provider


def _fill(ctx: Context, provider: IdentityProvider, wish: ProviderWish) -> None:
    if wish.preset not in PRESETS:
        raise _wrong("preset", f"one of {', '.join(PRESETS)} is expected")
    before = dict(provider.settings)
    provider.title = check_name("title", wish.title or wish.name)[:255]
    provider.preset = wish.preset
    provider.is_enabled = wish.is_enabled
    provider.settings = check_settings(provider.kind, wish.settings)
    check_tenants(ctx, "settings.tenants", provider.settings["tenants"])
    provider.rules = [rule.model_dump(exclude_none=True) for rule in checked_rules(ctx, wish.rules)]
    provider.domains = _checked_domains(ctx, provider, wish.domains)
    _keep_secret_at_home(provider, before, wish)
    if wish.secret is not None:
        provider.sealed = seal_secret(provider, wish.secret) if wish.secret else ""
    if provider.settings.get("issuer") != before.get("issuer"):
        provider.found = {}
    if wish.metadata is not None:
        provider.found = {**provider.found, "metadata": wish.metadata, "at": iso(now())}


def _keep_secret_at_home(provider: IdentityProvider, before: dict[str, Any], wish: ProviderWish) -> None:
    """The password of a bind is shown to nobody, nor to another server than the one that it was given for."""
    if provider.kind != LDAP or not provider.sealed or wish.secret is not None:
        return
    if any(before.get(name) != provider.settings[name] for name in _WHERE_SECRETS_GO):
        raise _wrong("secret", "the password is given again where the address or its encryption is another one")


def _checked_domains(ctx: Context, provider: IdentityProvider, sent: Sequence[str]) -> list[str]:
    """Whoever leads all of a domain's people to a provider speaks for the domain: for a tenant a superadmin says so."""
    domains = sorted({each.strip().lower().lstrip("@") for each in sent})
    for each in domains:
        if len(each) > 253 or not _DOMAIN.fullmatch(each):
            raise _wrong("domains", f"`{each[:60]}` is no domain")
    if provider.tenant_id and domains != provider.domains and not ctx.actor.is_superadmin:
        raise Forbidden("domains: only a superadmin says whose domain leads to the provider of a tenant")
    return domains


@command(SECURITY_INTEGRATION.ENABLE, on=locked_provider, instance=None)
def enable_identity_provider(ctx: Context, *, provider_id: str) -> IdentityProvider:
    """Let people sign in with it."""
    return _switch(ctx, is_enabled=True)


@command(SECURITY_INTEGRATION.DISABLE, on=locked_provider, instance=None)
def disable_identity_provider(ctx: Context, *, provider_id: str) -> IdentityProvider:
    """Let nobody sign in with it any more; sessions that began with it end."""
    return _switch(ctx, is_enabled=False)


def _switch(ctx: Context, *, is_enabled: bool) -> IdentityProvider:
    provider = ctx.target_as(IdentityProvider)
    before = provider_facts(provider)
    provider.is_enabled = is_enabled
    provider.save(update_fields=["is_enabled"])
    if not is_enabled:
        _end_sessions(provider)
    ctx.record("SECURITY_INTEGRATION", provider.id, before=before, after=provider_facts(provider))
    return provider


@command(SECURITY_INTEGRATION.DELETE, on=locked_provider, instance=None)
def delete_identity_provider(ctx: Context, *, provider_id: str) -> None:
    """Take it away with whom it means; accounts stay, and so do the places in groups, which are by hand from now on."""
    provider = ctx.target_as(IdentityProvider)
    before = provider_facts(provider)
    _end_sessions(provider)
    for tenant_id in [ctx.tenant_id] if ctx.tenant_id else list(Tenant.objects.values_list("id", flat=True)):
        with tenant_scope(tenant_id):
            GroupMember.objects.filter(managed_by=provider.id).update(managed_by="")
    ExternalIdentity.objects.filter(provider_id=provider.id).delete()
    DirectorySync.objects.filter(provider_id=provider.id).delete()
    provider.delete()
    ctx.record("SECURITY_INTEGRATION", provider_id, before=before)


def _end_sessions(provider: IdentityProvider) -> None:
    Session.objects.filter(provider_id=provider.id).delete()
    versions.move_identities()


@command(SECURITY_INTEGRATION.UPDATE, on=locked_provider, instance=None)
def keep_discovery(ctx: Context, *, provider_id: str, metadata: dict[str, Any]) -> IdentityProvider:
    """Remember what the provider says of itself."""
    provider = ctx.target_as(IdentityProvider)
    before = provider_facts(provider)
    provider.found = {**provider.found, "metadata": metadata, "at": iso(now())}
    provider.save(update_fields=["found"])
    ctx.record("SECURITY_INTEGRATION", provider.id, before=before, after=provider_facts(provider), discovered=metadata)
    return provider


@command(SECURITY_INTEGRATION.UPDATE, on=locked_provider, instance=None)
def keep_test(ctx: Context, *, provider_id: str, result: dict[str, Any]) -> None:
    """Remember what a test showed, for whoever may see the provider. The trail keeps that there was one."""
    provider = ctx.target_as(IdentityProvider)
    provider.found = {**provider.found, "test": {"at": iso(now()), **result}}
    provider.save(update_fields=["found"])
    ctx.record("SECURITY_INTEGRATION", provider.id, tested=result.get("outcome"))


def _wrong(path: str, message: str) -> Invalid:
    return Invalid(f"{path}: {message}", violations=[Violation(message, path)])
