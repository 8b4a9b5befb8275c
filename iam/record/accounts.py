"""The changes to service accounts that a tenant and the instance share."""

from __future__ import annotations

from typing import Any

from control_plane.kernel.actor import Context
from control_plane.kernel.scope import current_tenant, tenant_or_none
from control_plane.kernel.words.errors import Conflict, Forbidden
from iam.authorization import versions
from iam.models import ServiceAccount
from iam.record.tokens import check_dns_name
from iam.shapes import account_facts


def make_account(ctx: Context, *, name: str, description: str, is_superadmin: bool) -> ServiceAccount:
    """Create one that belongs to whoever's scope is open. Conflict when the name is taken there."""
    check_superadmin(ctx, is_superadmin)
    _check_name(name)
    account = ServiceAccount.objects.create(name=name, description=description, is_superadmin=is_superadmin)
    if tenant_or_none():
        versions.move_tenant(current_tenant())
    ctx.record("SERVICE_ACCOUNT", account.id, after=account_facts(account))
    return account


def change_account(ctx: Context, account: ServiceAccount, **changes: Any) -> ServiceAccount:
    """Change what is given and not None. Only a superadmin makes, or unmakes, a superadmin."""
    before = account_facts(account)
    given = {name: value for name, value in changes.items() if value is not None}
    if given.get("is_superadmin", account.is_superadmin) != account.is_superadmin:
        check_superadmin(ctx, True)
    if "name" in given:
        _check_name(given["name"], but=account.id)
    for name, value in given.items():
        setattr(account, name, value)
    account.save(update_fields=list(given))
    versions.move_identities()
    ctx.record("SERVICE_ACCOUNT", account.id, before=before, after=account_facts(account))
    return account


def check_superadmin(ctx: Context, is_superadmin: bool) -> None:
    if is_superadmin and not ctx.actor.is_superadmin:
        raise Forbidden("only a superadmin gives what a superadmin may do")


def _check_name(name: str, but: str = "") -> None:
    check_dns_name(name)
    if ServiceAccount.objects.filter(name=name).exclude(id=but).exists():
        raise Conflict(f"there is a service account {name} already")
