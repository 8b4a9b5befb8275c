"""Service accounts as a superadmin manages them: those of tenants, and the instance's own, which enter several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.permissions import SUPERADMIN
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import Invalid, NotFound, Violation
from iam.authorization import versions
from iam.models import AccountAccess, ApiToken, ServiceAccount
from iam.queries import owner_of_account, tenants_of_account
from iam.record.accounts import change_account, make_account
from iam.record.rights import rights_change
from iam.record.tokens import NewToken, end_token, make_token, rotate_token
from iam.shapes import account_facts
from tenants.models import Tenant


@contextmanager
def scope_of_owner(owner: str) -> Iterator[None]:
    """The tenant that an account belongs to, inside the instance's scope."""
    if not owner:
        yield
        return
    with tenant_scope(owner):
        yield


def any_account(ctx: Context, *, account_id: str) -> Target:
    owner = owner_of_account(account_id)
    if owner is None:
        raise NotFound()
    with scope_of_owner(owner):
        account = ServiceAccount.objects.select_for_update().filter(id=account_id).first()
    if account is None:
        raise NotFound()
    return Target(account)


@command(SUPERADMIN, instance=True)
def create_instance_account(
    ctx: Context, *, name: str, description: str = "", is_superadmin: bool = False, tenants: Sequence[str] = ()
) -> ServiceAccount:
    """Make a service account of the instance that may enter these tenants, without any right in them yet."""
    account = make_account(ctx, name=name, description=description, is_superadmin=is_superadmin)
    for tenant_id in dict.fromkeys(tenants):
        if not Tenant.objects.filter(id=tenant_id).exists():
            message = f"there is no tenant {tenant_id}"
            raise Invalid(message, violations=[Violation(message, "tenants")])
        with tenant_scope(tenant_id):
            AccountAccess.objects.create(service_account=account, name=name, description=description)
            versions.move_tenant(tenant_id)
    return account


@command(SUPERADMIN, on=any_account, instance=True)
def patch_account(
    ctx: Context,
    *,
    account_id: str,
    name: str | None = None,
    description: str | None = None,
    is_superadmin: bool | None = None,
    is_disabled: bool | None = None,
) -> ServiceAccount:
    """Change what is given, everywhere it is known."""
    account = ctx.target_as(ServiceAccount)
    with scope_of_owner(account.tenant_id):
        change_account(
            ctx, account, name=name, description=description, is_superadmin=is_superadmin, is_disabled=is_disabled
        )
    for tenant_id in tenants_of_account(account) if not account.tenant_id else ():
        with tenant_scope(tenant_id):
            AccountAccess.objects.filter(service_account=account).update(
                name=account.name, description=account.description
            )
    return account


@command(SUPERADMIN, on=any_account, instance=True)
def delete_any_account(ctx: Context, *, account_id: str) -> None:
    """Remove an account with its tokens and all that it may do."""
    account = ctx.target_as(ServiceAccount)
    before = account_facts(account)
    for tenant_id in tenants_of_account(account):
        with tenant_scope(tenant_id), rights_change():
            AccountAccess.objects.filter(service_account_id=account_id).delete()
    with scope_of_owner(account.tenant_id):
        account.delete()
    versions.move_identities()
    ctx.record("SERVICE_ACCOUNT", account_id, before=before)


@command(SUPERADMIN, on=any_account, instance=True)
def create_any_account_token(ctx: Context, *, account_id: str, wanted: NewToken) -> tuple[ApiToken, str]:
    """Make a token; its full text is returned once and kept nowhere."""
    return make_token(ctx, ctx.target_as(ServiceAccount), wanted)


@command(SUPERADMIN, on=any_account, instance=True)
def rotate_any_account_token(
    ctx: Context, *, account_id: str, token_id: str, overlap: timedelta
) -> tuple[ApiToken, str]:
    """Make another one like it; the old one ends when the overlap does."""
    return rotate_token(ctx, ctx.target_as(ServiceAccount), token_id, overlap)


@command(SUPERADMIN, on=any_account, instance=True)
def delete_any_account_token(ctx: Context, *, account_id: str, token_id: str) -> None:
    """End a token at once."""
    end_token(ctx, ctx.target_as(ServiceAccount), token_id)
