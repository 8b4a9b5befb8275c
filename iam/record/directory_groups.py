"""The places in groups that a directory gives and takes: only its own, all at once."""

from __future__ import annotations

from collections.abc import Mapping

from control_plane.kernel.actor import Context
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.names import check_name
from iam.authorization import versions
from iam.models import Binding, Group, GroupMember, TenantAccess
from iam.record.rights import Holder, let_user_in, place, remove_member
from iam.shapes import group_shape


def follow_groups(
    ctx: Context, user_id: str, managed_by: str, names: Mapping[str, bool], *, is_let_in: bool
) -> list[str]:
    """Let the user be in these groups of the open tenant by this directory, and in no other by it; which they are.

    `names` says of each group whether it may be made. With `is_let_in` they may enter without any group, too.
    Places that were given by hand, or by another directory, stay as they are.
    """
    groups = _groups(ctx, managed_by, names)
    wanted = {group.id: group for group in groups}
    held = {each.group_id: each for each in GroupMember.objects.filter(user_id=user_id).select_related("group")}
    if wanted or is_let_in:
        let_user_in(ctx, user_id)
    gone = [row for row in held.values() if row.managed_by == managed_by and row.group_id not in wanted]
    if gone:
        versions.move_tenant(current_tenant())
    for row in sorted(gone, key=lambda row: row.group_id):
        remove_member(ctx, row, managed_by=managed_by)
    for group_id in sorted(wanted.keys() - held.keys()):
        place(ctx, wanted[group_id], Holder(user_id=user_id), managed_by=managed_by)
    if gone and not is_let_in:
        _shut_out_who_has_nothing(ctx, user_id)
    return sorted(group.name for group in groups)


def _groups(ctx: Context, managed_by: str, names: Mapping[str, bool]) -> list[Group]:
    """Those that are there, but for what another directory pushes.

    A rule's template makes the missing ones, and reaches none that people made by hand.
    """
    found = {group.name: group for group in Group.objects.filter(name__in=list(names))}
    groups = [group for group in found.values() if may_be_given(group, managed_by, is_template=names[group.name])]
    for name in sorted(names.keys() - found.keys()):
        if names[name]:
            group = Group.objects.create(name=check_name("group", name), is_external=True)
            ctx.record("GROUP", group.id, after=group_shape(group))
            groups.append(group)
    return groups


def may_be_given(group: Group, managed_by: str, *, is_template: bool) -> bool:
    """Whether this directory gives places in it: not where another pushes it, nor by a template if people made it."""
    return group.managed_by in ("", managed_by) and (group.is_external or not is_template)


def leave_groups(ctx: Context, user_id: str, managed_by: str) -> None:
    """Take every place that this directory gave in the open tenant, and the entrance of who has nothing else there."""
    follow_groups(ctx, user_id, managed_by, {}, is_let_in=False)
    _shut_out_who_has_nothing(ctx, user_id)


def _shut_out_who_has_nothing(ctx: Context, user_id: str) -> None:
    if GroupMember.objects.filter(user_id=user_id).exists() or Binding.objects.filter(user_id=user_id).exists():
        return
    if TenantAccess.objects.filter(user_id=user_id).delete()[0]:
        ctx.record("TENANT_ACCESS", user_id, before={"userId": user_id})
