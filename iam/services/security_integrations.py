"""Integrations by which a company's directory pushes people and groups: made, changed, closed, and their tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.config import config
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import Conflict, Invalid, NotFound, Violation
from iam.access import require_held
from iam.authentication.tokens import INTEGRATION, SHOWN, digest, new_token
from iam.authorization import versions
from iam.authorization.integrations import PROVISIONING
from iam.models import Group, GroupMember, SecurityIntegration, TenantAccess
from iam.permissions import SECURITY_INTEGRATION
from iam.record.tokens import check_dns_name
from iam.shapes import integration_shape


def locked_integration(ctx: Context, *, integration_id: str) -> Target:
    found = SecurityIntegration.objects.select_for_update().filter(id=integration_id).first()
    if found is None:
        raise NotFound()
    return Target(found)


@command(SECURITY_INTEGRATION.CREATE)
def create_integration(
    ctx: Context, *, name: str, description: str = "", type: str = "SCIM", client: str = "GENERIC"
) -> tuple[SecurityIntegration, str]:
    """Make one, with a token that is returned once. Forbidden for whoever may not do what its token may."""
    require_held(ctx, PROVISIONING)
    _check_free(name)
    token = new_token(INTEGRATION)
    integration = SecurityIntegration.objects.create(
        name=name, description=description, type=type, client=client, digest=digest(token), prefix=token[:SHOWN]
    )
    ctx.record("SECURITY_INTEGRATION", integration.id, after=integration_shape(integration))
    return integration, token


@command(SECURITY_INTEGRATION.UPDATE, on=locked_integration)
def update_integration(
    ctx: Context, *, integration_id: str, name: str | None = None, description: str | None = None, client: str = ""
) -> SecurityIntegration:
    """Change what is given."""
    integration = ctx.target_as(SecurityIntegration)
    if name is not None and name != integration.name:
        _check_free(name)
        integration.name = name
    return _changed(
        ctx,
        integration,
        name=integration.name,
        description=integration.description if description is None else description,
        client=client or integration.client,
    )


@command(SECURITY_INTEGRATION.ENABLE, on=locked_integration)
def enable_integration(ctx: Context, *, integration_id: str) -> SecurityIntegration:
    """Let it be called."""
    return _changed(ctx, ctx.target_as(SecurityIntegration), is_enabled=True)


@command(SECURITY_INTEGRATION.DISABLE, on=locked_integration)
def disable_integration(ctx: Context, *, integration_id: str) -> SecurityIntegration:
    """Refuse whatever it is asked, from the next call on; what it brought stays."""
    return _changed(ctx, ctx.target_as(SecurityIntegration), is_enabled=False)


@command(SECURITY_INTEGRATION.UPDATE, on=locked_integration)
def rotate_integration_token(
    ctx: Context, *, integration_id: str, overlap: timedelta
) -> tuple[SecurityIntegration, str]:
    """Make another token; the one before opens for so long yet."""
    require_held(ctx, PROVISIONING)
    if not timedelta(0) <= overlap <= config().sessions.longest_overlap:
        message = f"must be between nothing and {config().sessions.longest_overlap}"
        raise Invalid(f"overlap: {message}", violations=[Violation(message, "overlap")])
    integration, token = ctx.target_as(SecurityIntegration), new_token(INTEGRATION)
    changed = _changed(
        ctx,
        integration,
        former_digest=integration.digest if overlap else None,
        former_ends_at=now() + overlap if overlap else None,
        digest=digest(token),
        prefix=token[:SHOWN],
        rotated_at=now(),
    )
    return changed, token


@command(SECURITY_INTEGRATION.DELETE, on=locked_integration)
def delete_integration(ctx: Context, *, integration_id: str) -> SecurityIntegration:
    """Remove it with its token and its calls. Whom and what it brought stays, and is edited by hand from now on."""
    integration = ctx.target_as(SecurityIntegration)
    before = integration_shape(integration)
    for model in (Group, GroupMember, TenantAccess):
        model.objects.filter(managed_by=integration_id).update(managed_by="")
    integration.delete()
    integration.id = integration_id
    versions.move_identities()
    versions.move_tenant(current_tenant())
    ctx.record("SECURITY_INTEGRATION", integration_id, before=before)
    return integration


def _check_free(name: str) -> None:
    check_dns_name(name)
    if SecurityIntegration.objects.filter(name=name).exists():
        raise Conflict(f"there is an integration {name} already")


def _changed(ctx: Context, integration: SecurityIntegration, **changes: Any) -> SecurityIntegration:
    before = integration_shape(integration)
    for name, value in changes.items():
        setattr(integration, name, value)
    integration.save(update_fields=list(changes))
    versions.move_identities()
    ctx.record("SECURITY_INTEGRATION", integration.id, before=before, after=integration_shape(integration))
    return integration
