"""People as a company's directory pushes them: let in, changed, suspended and withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import NotFound
from iam.authorization import versions
from iam.models import Binding, GroupMember, ScimUser, TenantAccess
from iam.permissions import USER
from iam.record.pushed import (
    AlreadyPushed,
    Expect,
    Person,
    account_for,
    anything,
    end_at_once,
    keep,
    pushed_facts,
)
from iam.record.rights import rights_change
from iam.record.transitions import user_facts

Edit = Callable[[dict[str, Any]], Person]


def pushed_user(ctx: Context, *, integration_id: str, user_id: str) -> Target:
    """One that this integration has pushed: of all others it knows nothing."""
    rows = ScimUser.objects.select_for_update(of=("self",)).select_related("user")
    row = rows.filter(integration_id=integration_id, user_id=user_id, deleted_at=None).first()
    if row is None:
        raise NotFound(f"there is no user {user_id[:64]}")
    return Target(row)


@command(USER.CREATE)
def push_user(ctx: Context, *, integration_id: str, said: Person) -> ScimUser:
    """Let somebody in, by the account that they have or a new one. AlreadyPushed for one of this name."""
    # The number is also the lock: of two calls for one person the second finds what the first made.
    versions.move_tenant(current_tenant())
    _, row = account_for(ctx, integration_id, said)
    keep(ctx, row, integration_id, said)
    return row


@command(USER.UPDATE, on=pushed_user)
def change_pushed_user(
    ctx: Context, *, integration_id: str, user_id: str, edit: Edit, expect: Expect = anything
) -> ScimUser:
    """Let the document become what `edit` makes of it; where that is what it was, nothing is written.

    `expect` is asked about the version that is there, and raises where another one was meant.
    """
    row = ctx.target_as(ScimUser)
    expect(row)
    said = edit(row.document)
    if said.document == row.document:
        return row
    name = said.user_name.lower()
    others = ScimUser.objects.filter(integration_id=integration_id, user_name=name, deleted_at=None)
    if name != row.user_name and others.exists():
        raise AlreadyPushed(f"there is a user {said.user_name} already")
    keep(ctx, row, integration_id, said)
    return row


@command(USER.DELETE, on=pushed_user)
def withdraw_user(ctx: Context, *, integration_id: str, user_id: str, expect: Expect = anything) -> None:
    """Take away access with every binding and membership, at once. The account stays, closed if it is ours alone."""
    row = ctx.target_as(ScimUser)
    expect(row)
    before, user = pushed_facts(row), row.user
    with rights_change():
        TenantAccess.objects.filter(user_id=user_id).delete()
        Binding.objects.filter(user_id=user_id).delete()
        GroupMember.objects.filter(user_id=user_id).delete()
        if user.home == current_tenant() and not user.is_disabled:
            held = user_facts(user)
            user.is_disabled, row.has_closed = True, True
            user.save(update_fields=["is_disabled"])
            ctx.record("USER", user_id, before=held, after=user_facts(user))
        end_at_once(user)
        row.deleted_at, row.is_active = now(), False
        row.save(update_fields=["deleted_at", "is_active", "has_closed"])
    ctx.record("USER", user_id, before=before)
