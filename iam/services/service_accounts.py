"""Service accounts of a tenant: identities of machines, their places in groups, and their tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.words.errors import Forbidden, NotFound
from iam.access import require_account_held
from iam.authorization import versions
from iam.models import AccountAccess, ApiToken, Binding, GroupMember, ServiceAccount
from iam.permissions import SERVICE_ACCOUNT
from iam.record.accounts import change_account, check_superadmin, make_account
from iam.record.rights import Holder, rights_change, set_groups
from iam.record.tokens import NewToken, end_token, make_token, rotate_token
from iam.shapes import account_facts


def locked_account(ctx: Context, *, account_id: str) -> Target:
    """One of the tenant's own, or the entrance of one of the instance's."""
    own = ServiceAccount.objects.select_for_update().filter(id=account_id).first()
    entrance = AccountAccess.objects.select_for_update().filter(service_account_id=account_id).first()
    found = own or entrance
    if found is None:
        raise NotFound()
    return Target(found)


def own_account(ctx: Context, *, account_id: str) -> Target:
    """One of the tenant's own: of the others it governs only what they may do here."""
    account = ServiceAccount.objects.select_for_update().filter(id=account_id).first()
    if account is None:
        raise NotFound()
    return Target(account)


@command(SERVICE_ACCOUNT.CREATE)
def create_account(
    ctx: Context, *, name: str, description: str = "", is_superadmin: bool = False, groups: Sequence[str] = ()
) -> ServiceAccount:
    """Make a service account of the tenant, in these groups. Conflict when the name is taken."""
    account = make_account(ctx, name=name, description=description, is_superadmin=is_superadmin)
    set_groups(ctx, Holder(account_id=account.id), groups)
    return account


@command(SERVICE_ACCOUNT.UPDATE, on=locked_account)
def update_account(
    ctx: Context,
    *,
    account_id: str,
    name: str,
    description: str = "",
    is_superadmin: bool | None = None,
    groups: Sequence[str] | None = None,
) -> ServiceAccount | AccountAccess:
    """Change name, description and groups. Of an account of the instance a tenant changes the groups alone."""
    target = ctx.target
    if isinstance(target, AccountAccess):
        if (name, description or target.description) != (target.name, target.description):
            raise Forbidden("this account belongs to the instance")
    else:
        account = ctx.target_as(ServiceAccount)
        change_account(ctx, account, name=name, description=description, is_superadmin=is_superadmin)
    if groups is not None:
        set_groups(ctx, Holder(account_id=account_id), groups)
    assert isinstance(target, ServiceAccount | AccountAccess)
    return target


@command(SERVICE_ACCOUNT.UPDATE, on=own_account)
def disable_account(ctx: Context, *, account_id: str, is_disabled: bool) -> ServiceAccount:
    """Close it, or open it again. Its tokens, open streams and next request die with it."""
    return change_account(ctx, ctx.target_as(ServiceAccount), is_disabled=is_disabled)


@command(SERVICE_ACCOUNT.DELETE, on=locked_account)
def delete_account(ctx: Context, *, account_id: str) -> None:
    """Remove an account with its tokens and bindings. One of the instance only leaves the tenant."""
    target = ctx.target
    before = account_facts(target) if isinstance(target, ServiceAccount) else {"serviceAccountId": account_id}
    with rights_change():
        Binding.objects.filter(service_account_id=account_id).delete()
        GroupMember.objects.filter(service_account_id=account_id).delete()
        assert isinstance(target, ServiceAccount | AccountAccess)
        target.delete()
    versions.move_identities()
    ctx.record("SERVICE_ACCOUNT", account_id, before=before)


@command(SERVICE_ACCOUNT.UPDATE, on=own_account)
def create_account_token(ctx: Context, *, account_id: str, wanted: NewToken) -> tuple[ApiToken, str]:
    """Make a token. Forbidden for whoever does not hold all that the account may do."""
    return make_token(ctx, _held(ctx), wanted)


@command(SERVICE_ACCOUNT.UPDATE, on=own_account)
def rotate_account_token(ctx: Context, *, account_id: str, token_id: str, overlap: timedelta) -> tuple[ApiToken, str]:
    """Make another one like it, under the same rule; the old one ends when the overlap does."""
    return rotate_token(ctx, _held(ctx), token_id, overlap)


@command(SERVICE_ACCOUNT.UPDATE, on=own_account)
def delete_account_token(ctx: Context, *, account_id: str, token_id: str) -> None:
    """End a token at once."""
    end_token(ctx, ctx.target_as(ServiceAccount), token_id)


def _held(ctx: Context) -> ServiceAccount:
    account = ctx.target_as(ServiceAccount)
    check_superadmin(ctx, account.is_superadmin)
    require_account_held(ctx, account)
    return account
