"""Places in a group that a directory gives and takes, many at a time: a few statements, however many they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection
from django.db.models import Q

from control_plane.kernel.actor import Context
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.errors import Invalid, Violation
from control_plane.kernel.words.ids import new_id
from iam.authorization import versions
from iam.models import Group, GroupMember
from iam.record.rights import rights_change

_ADD = """
INSERT INTO iam_group_member (id, tenant_id, group_id, user_id, is_owner, managed_by)
SELECT member.id, %s, %s, member.user_id, false, %s
FROM unnest(%s::text[], %s::text[]) AS member (id, user_id)
ON CONFLICT DO NOTHING RETURNING user_id
"""
_THESE = "tenant_id = %s AND group_id = %s AND managed_by = %s AND user_id = ANY(%s)"
_OTHERS = "tenant_id = %s AND group_id = %s AND managed_by = %s AND NOT user_id = ANY(%s)"
_KNOWN = """
SELECT user_id FROM iam_scim_user
WHERE tenant_id = %s AND integration_id = %s AND deleted_at IS NULL AND user_id = ANY(%s)
"""


@dataclass(frozen=True)
class MemberChange:
    """Who comes, goes, or is to be in it alone. A removal may say by a condition who goes."""

    verb: Literal["add", "remove", "replace"]
    user_ids: tuple[str, ...] = ()
    where: Q | None = None


def change_places(ctx: Context, group: Group, changes: Iterable[MemberChange]) -> bool:
    """All of them, in their order. Whether anybody came or went. Invalid for somebody whom nobody pushed."""
    came: dict[str, None] = {}
    left: dict[str, None] = {}
    for change in changes:
        more, fewer = _change(group, change)
        for user_id in more:
            left.pop(user_id, None) if user_id in left else came.setdefault(user_id)
        for user_id in fewer:
            came.pop(user_id, None) if user_id in came else left.setdefault(user_id)
    if not came and not left:
        return False
    versions.move_tenant(current_tenant())
    ctx.record("GROUP", group.id, before={"members": sorted(left)}, after={"members": sorted(came)})
    return True


def _change(group: Group, change: MemberChange) -> tuple[list[str], list[str]]:
    if change.verb == "add":
        return _added(group, change.user_ids), []
    if change.where is not None:
        found = GroupMember.objects.filter(change.where, group=group).values_list("user_id", flat=True)
        return [], _taken(group, _THESE, list(found))
    if change.verb == "remove":
        return [], _taken(group, _THESE, change.user_ids)
    gone = _taken(group, _OTHERS, change.user_ids)
    return _added(group, change.user_ids), gone


def _added(group: Group, user_ids: Sequence[str]) -> list[str]:
    wanted = list(dict.fromkeys(user_ids))
    if not wanted:
        return []
    _refuse_unknown(group, wanted)
    ids = [new_id() for _ in wanted]
    return _users(_ADD, [current_tenant(), group.id, group.managed_by, ids, wanted])


def _refuse_unknown(group: Group, wanted: list[str]) -> None:
    known = set(_users(_KNOWN, [current_tenant(), group.managed_by, wanted]))
    unknown = [user_id for user_id in wanted if user_id not in known]
    if unknown:
        message = f"there is no user {unknown[0][:64]}"
        raise Invalid(message, violations=[Violation(message, "members")])


def _taken(group: Group, which: str, user_ids: Sequence[str]) -> list[str]:
    """Whom it took away; where there is nobody, no right changes."""
    named = [current_tenant(), group.id, group.managed_by, list(user_ids)]
    if not _users(f"SELECT user_id FROM iam_group_member WHERE {which} LIMIT 1", named):
        return []
    with rights_change():
        return _users(f"DELETE FROM iam_group_member WHERE {which} RETURNING user_id", named)


def _users(statement: str, values: list[Any]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [str(row[0]) for row in cursor.fetchall()]
