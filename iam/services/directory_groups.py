"""Groups as a company's directory pushes them, and who is in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from audit.recording.commands import Target, command
from control_plane.kernel.actor import ActorKind, Context
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import NotFound
from control_plane.kernel.words.names import check_name
from iam.access import require_groups_held
from iam.models import Group, ScimGroup
from iam.permissions import GROUP
from iam.record.places import MemberChange, change_places
from iam.record.pushed import AlreadyPushed, Expect, anything
from iam.record.rights import rights_change
from iam.shapes import group_shape


@dataclass(frozen=True)
class PushedGroup:
    """What a client says of a group, but for its members."""

    document: dict[str, Any]
    folded: dict[str, Any]
    name: str
    external_id: str


Edit = Callable[[dict[str, Any]], PushedGroup]


def pushed_group(ctx: Context, *, integration_id: str, group_id: str) -> Target:
    """One that this integration has pushed: of all others it knows nothing."""
    rows = ScimGroup.objects.select_for_update(of=("self",)).select_related("group")
    row = rows.filter(integration_id=integration_id, group_id=group_id).first()
    if row is None:
        raise NotFound(f"there is no group {group_id[:64]}")
    return Target(row)


@command(GROUP.CREATE)
def push_group(ctx: Context, *, integration_id: str, said: PushedGroup, members: Sequence[str] = ()) -> ScimGroup:
    """Make a group with these members. AlreadyPushed where there is one of this name, whoever made it: what it may do
    was given to those who were in it, not to whom a directory would put there."""
    moment = now()
    group = Group.objects.create(name=_free(said.name), is_external=True, managed_by=integration_id)
    row = ScimGroup.objects.create(
        integration_id=integration_id,
        group=group,
        external_id=said.external_id,
        document=said.document,
        folded=said.folded,
        created_at=moment,
        changed_at=moment,
    )
    ctx.record("GROUP", group.id, after=group_shape(group))
    change_places(ctx, group, [MemberChange("add", tuple(members))])
    return row


@command(GROUP.UPDATE, on=pushed_group)
def change_pushed_group(
    ctx: Context,
    *,
    integration_id: str,
    group_id: str,
    edit: Edit,
    members: Sequence[MemberChange] = (),
    expect: Expect = anything,
) -> ScimGroup:
    """Let the document become what `edit` makes of it, and its members what they are to be.

    Who is in it is never read as a whole, so that a change costs the same in a group of any size.
    """
    row = ctx.target_as(ScimGroup)
    expect(row)
    said, group = edit(row.document), row.group
    before = group_shape(group)
    if said.name != group.name:
        group.name = _free(said.name, but=group.id)
        group.save(update_fields=["name"])
        ctx.record("GROUP", group.id, before=before, after=group_shape(group))
    if any(change.verb != "remove" for change in members) and ctx.actor.kind is not ActorKind.SCIM:
        require_groups_held(ctx, [group.id])
    has_moved = change_places(ctx, group, members)
    is_same = said.document == row.document
    if has_moved or not is_same:
        row.document, row.folded, row.external_id = said.document, said.folded, said.external_id
        row.version, row.changed_at = row.version + 1, now()
        row.save(update_fields=["document", "folded", "external_id", "version", "changed_at"])
    if not is_same and before == group_shape(group):
        ctx.record("GROUP", group.id, before=before, after={**before, "said": said.document})
    return row


@command(GROUP.DELETE, on=pushed_group)
def withdraw_group(ctx: Context, *, integration_id: str, group_id: str, expect: Expect = anything) -> None:
    """Remove a group with its bindings; its members lose what they had by it."""
    row = ctx.target_as(ScimGroup)
    expect(row)
    before = group_shape(row.group)
    with rights_change():
        row.group.delete()
    ctx.record("GROUP", group_id, before=before)


def _free(name: str, but: str = "") -> str:
    name = check_name("displayName", name)
    if Group.objects.filter(name=name).exclude(id=but).exists():
        raise AlreadyPushed(f"there is a group {name} already")
    return name
