"""Who is to be in a group, out of the bodies that clients send. Members are never part of a group's document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from iam.record.places import MemberChange
from iam.scim.attributes import GROUP, Attribute
from iam.scim.expressions import Target
from iam.scim.filters import member_condition
from iam.scim.patching import Operation
from iam.scim.profiles import Profile
from iam.scim.refusals import InvalidPath, InvalidValue, Mutability, NoTarget

MEMBERS: Attribute = GROUP.attributes["members"]


def ids_of(said: Any) -> tuple[str, ...]:
    """The ids of members as they are sent: objects with a `value`, bare ids, one alone or a list."""
    if said is None:
        return ()
    items = said if isinstance(said, list) else [said]
    return tuple(dict.fromkeys(_id(item) for item in items))


def _id(item: Any) -> str:
    value, kind = item, "User"
    if isinstance(item, dict):
        named = {str(key).lower(): inner for key, inner in item.items()}
        value, kind = named.get("value"), named.get("type", "User")
    if not isinstance(value, str) or not value or len(value) > 255 or "\x00" in value:
        raise InvalidValue("a member needs the id of a user as its `value`")
    if isinstance(kind, str) and kind.lower() == "group":
        raise InvalidValue("a group is no member of another one")
    return value


def parted(operations: Iterable[Operation], profile: Profile) -> tuple[list[Operation], list[MemberChange]]:
    """What is asked of the group's own attributes, and what of its members."""
    own: list[Operation] = []
    changes: list[MemberChange] = []
    for operation in operations:
        if operation.target is None:
            rest = {key: value for key, value in operation.value.items() if not _is_members(key)}
            said = [value for key, value in operation.value.items() if _is_members(key)]
            changes += [_whole(operation.verb, value, profile) for value in said]
            if rest:
                own.append(Operation(operation.verb, None, rest, operation.makes_missing))
        elif operation.target.path.attribute is MEMBERS:
            changes.append(_change(operation, operation.target, profile))
        else:
            own.append(operation)
    return own, changes


def _is_members(key: str) -> bool:
    return key.rpartition(":")[2].lower() == "members"


def _change(operation: Operation, target: Target, profile: Profile) -> MemberChange:
    if target.filter is None and target.path.sub is None:
        return _whole(operation.verb, operation.value, profile)
    if target.filter is None:
        raise Mutability("a part of a member is not changed: remove the member and add another")
    if operation.verb != "remove" or target.path.sub is not None:
        raise Mutability("who is found by brackets is only removed")
    return MemberChange("remove", where=member_condition(target.filter))


def _whole(verb: str, said: Any, profile: Profile) -> MemberChange:
    ids = ids_of(said)
    if verb == "remove":
        if ids:
            return MemberChange("remove", ids)
        if said is not None or not profile.empties_groups:
            raise NoTarget("a remove of members names whom")
        return MemberChange("replace")
    if verb == "add":
        return MemberChange("add", ids)
    if verb == "replace":
        return MemberChange("replace", ids)
    raise InvalidPath(f"members are not changed by {verb}")
