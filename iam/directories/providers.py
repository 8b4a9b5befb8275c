"""A provider as it is kept: its secret, its rules, its addresses, and who acts in its name."""

from __future__ import annotations

from typing import Any

from control_plane.kernel.actor import Actor, ActorKind
from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.config import config
from control_plane.kernel.crypto import decrypt, encrypt, fingerprint
from control_plane.kernel.words.clock import iso, iso_or_none
from iam.directories.rules import Rule
from iam.directories.settings import OIDC
from iam.models import IdentityProvider


def seal_secret(provider: IdentityProvider, secret: str) -> str:
    return encrypt(secret.encode(), belongs_to=belongs_to(provider))


def secret_of(provider: IdentityProvider) -> str:
    """ "" where none was given: a public client, or an anonymous bind."""
    return decrypt(provider.sealed, belongs_to=belongs_to(provider)).decode() if provider.sealed else ""


def belongs_to(provider: IdentityProvider) -> tuple[str, ...]:
    return ("identity-provider", provider.tenant_id, provider.id)


def rules_of(provider: IdentityProvider) -> list[Rule]:
    return [Rule.model_validate(rule) for rule in provider.rules]


def actor_of_provider(provider: IdentityProvider) -> Actor:
    """Whoever changes accounts and groups in its name: one of a tenant acts in that tenant alone."""
    return Actor(
        ActorKind.IDENTITY_PROVIDER,
        id=provider.id,
        name=provider.name,
        is_superadmin=not provider.tenant_id,
        home=provider.tenant_id or None,
    )


def path_of(provider: IdentityProvider, step: str) -> str:
    """Where a step of the sign-in is served: `login`, `callback`, `backchannel-logout`."""
    within = f"{provider.tenant_id}/" if provider.tenant_id else ""
    return f"/oauth/{step}/{within}{provider.name}"


def address_of(provider: IdentityProvider, step: str) -> str:
    """The same as the provider must be told it."""
    return config().origin.rstrip("/") + path_of(provider, step)


def provider_shape(provider: IdentityProvider) -> dict[str, Any]:
    """As administrators see it; its secret is never shown."""
    is_oidc = provider.kind == OIDC
    metadata = provider.found.get("metadata", {})
    return without_nulls(
        id=provider.id,
        name=provider.name,
        title=provider.title,
        kind=provider.kind,
        preset=provider.preset,
        enabled=provider.is_enabled,
        settings=provider.settings,
        hasSecret=bool(provider.sealed),
        rules=provider.rules,
        domains=provider.domains,
        tenantId=provider.tenant_id or None,
        redirectUri=address_of(provider, "callback") if is_oidc else None,
        backchannelLogoutUri=address_of(provider, "backchannel-logout") if is_oidc else None,
        postLogoutRedirectUri=f"{config().origin.rstrip('/')}/ui/sign-in" if is_oidc else None,
        loginUri=path_of(provider, "login") if is_oidc else None,
        discovered={name: str(value) for name, value in metadata.items() if isinstance(value, str)} or None,
        createdAt=iso(provider.created_at),
        syncedAt=iso_or_none(provider.synced_at),
        lastSync=provider.last_sync or None,
    )


def provider_facts(provider: IdentityProvider) -> dict[str, Any]:
    """What the audit trail keeps: of the secret only whether it is another one."""
    return {
        "id": provider.id,
        "name": provider.name,
        "title": provider.title,
        "kind": provider.kind,
        "enabled": provider.is_enabled,
        "settings": provider.settings,
        "secret": fingerprint(secret_of(provider)) if provider.sealed else None,
        "rules": provider.rules,
        "domains": provider.domains,
    }


def button_shape(provider: IdentityProvider) -> dict[str, Any]:
    """As anybody sees it on the page of sign-in."""
    return {
        "name": provider.name,
        "title": provider.title,
        "kind": provider.kind,
        "preset": provider.preset,
        "loginUri": path_of(provider, "login") if provider.kind == OIDC else "",
    }
