"""Groups: who is in them, and who may say so."""

from __future__ import annotations

from audit.recording.commands import Target, command
from control_plane.kernel.actor import ActorKind, Context
from control_plane.kernel.permissions import AUTHENTICATED
from control_plane.kernel.words.errors import Conflict, NotFound
from control_plane.kernel.words.names import check_name
from iam.models import Binding, Group, GroupMember, TenantAccess
from iam.permissions import GROUP, USER
from iam.queries import owns_group
from iam.record.rights import (
    Holder,
    add_member,
    check_source,
    is_account,
    let_user_in,
    may_be_named,
    remove_member,
    rights_change,
    set_groups,
    set_ownership,
)
from iam.shapes import group_shape


def locked_group(ctx: Context, *, group_id: str) -> Target:
    return Target(_locked(group_id))


def own_group(ctx: Context, *, group_id: str) -> Target:
    """Whoever owns a group manages its members without any right on groups."""
    is_owner = ctx.actor.kind is ActorKind.USER and owns_group(ctx.actor.id, group_id)
    return Target(_locked(group_id), permission=AUTHENTICATED if is_owner else None)


def _locked(group_id: str) -> Group:
    group = Group.objects.select_for_update().filter(id=group_id).first()
    if group is None:
        raise NotFound()
    return group


@command(GROUP.CREATE)
def create_group(ctx: Context, *, name: str, description: str = "", members: list[str] | None = None) -> Group:
    """Make a group of these users and service accounts. Conflict when the name is taken."""
    name = _checked_name(name)
    group = Group.objects.create(name=name, description=description)
    ctx.record("GROUP", group.id, after=group_shape(group))
    for identity in dict.fromkeys(members or []):
        add_member(ctx, group, _member_to_be(ctx, identity))
    return group


@command(GROUP.UPDATE, on=locked_group)
def update_group(ctx: Context, *, group_id: str, name: str, description: str = "") -> Group:
    """Give it another name and description."""
    group = ctx.target_as(Group)
    if name != group.name:
        check_source(group.managed_by, "", "the group")
    before = group_shape(group)
    group.name, group.description = _checked_name(name, but=group_id), description
    group.save(update_fields=["name", "description"])
    ctx.record("GROUP", group_id, before=before, after=group_shape(group))
    return group


def _checked_name(name: str, but: str = "") -> str:
    name = check_name("name", name)
    if Group.objects.filter(name=name).exclude(id=but).exists():
        raise Conflict(f"there is a group {name} already")
    return name


@command(GROUP.DELETE, on=locked_group)
def delete_group(ctx: Context, *, group_id: str) -> None:
    """Remove a group with its bindings; its members lose what they had by it."""
    group = ctx.target_as(Group)
    check_source(group.managed_by, "", "the group")
    before = group_shape(group)
    with rights_change():
        group.delete()
    ctx.record("GROUP", group_id, before=before)


@command(GROUP.MANAGE_MEMBERS, on=own_group)
def add_group_member(ctx: Context, *, group_id: str, user_id: str) -> GroupMember:
    """Give a user or a service account of the tenant a place. Conflict for one who has it."""
    return add_member(ctx, ctx.target_as(Group), _member_to_be(ctx, user_id))


@command(GROUP.MANAGE_MEMBERS, on=own_group)
def set_membership(ctx: Context, *, group_id: str, user_id: str, is_owner: bool) -> GroupMember:
    """Let a member own the group, or be a plain one."""
    member = _member(group_id, user_id)
    set_ownership(ctx, member, is_owner=is_owner)
    return member


@command(GROUP.MANAGE_MEMBERS, on=own_group)
def remove_group_member(ctx: Context, *, group_id: str, user_id: str) -> GroupMember:
    """Take a place away. Whoever has no group and no role any more may not enter the tenant any more."""
    member = _member(group_id, user_id)
    with rights_change():
        remove_member(ctx, member)
        if member.user_id and not _has_anything(user_id):
            gone, _ = TenantAccess.objects.filter(user_id=user_id, managed_by="").delete()
            if gone:
                ctx.record("TENANT_ACCESS", user_id, before={"userId": user_id})
    return member


def _has_anything(user_id: str) -> bool:
    return GroupMember.objects.filter(user_id=user_id).exists() or Binding.objects.filter(user_id=user_id).exists()


@command(USER.MANAGE_GROUP_MEMBERSHIP)
def set_groups_of_user(ctx: Context, *, user_id: str, group_ids: list[str]) -> None:
    """Let a user be in exactly these groups."""
    set_groups(ctx, _member_to_be(ctx, user_id), group_ids)


def _member_to_be(ctx: Context, identity: str) -> Holder:
    if is_account(identity):
        return Holder(account_id=identity)
    if may_be_named(ctx, identity):
        let_user_in(ctx, identity)
        return Holder(user_id=identity)
    raise NotFound("there is no such user")


def _member(group_id: str, identity: str) -> GroupMember:
    for who in ({"user_id": identity}, {"service_account_id": identity}):
        member = GroupMember.objects.filter(group_id=group_id, **who).first()
        if member is not None:
            return member
    if TenantAccess.objects.filter(user_id=identity).exists() or is_account(identity):
        raise Conflict("is no member of the group")
    raise NotFound("there is no such user")
