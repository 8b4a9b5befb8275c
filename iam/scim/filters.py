"""A filter as a condition of the database: columns where there are some, the folded document for all else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db.models import Exists, JSONField, Lookup, OuterRef, Q
from django.db.models.expressions import RawSQL

from control_plane.kernel.words.clock import parse_iso
from iam.models import GroupMember
from iam.scim.attributes import GROUP, USER, Kind
from iam.scim.expressions import Both, Compare, Either, Filter, Having, Not, Path, Present, Value
from iam.scim.refusals import InvalidFilter

_ORDER = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_SPECIAL = re.compile(r"([^\w\s])")
Ask = Callable[[str, Value], Q]


@JSONField.register_lookup
class FoundBy(Lookup[bool]):
    """`folded__found_by=<jsonpath>`: whether the path finds anything in the document."""

    lookup_name = "found_by"

    def get_prep_lookup(self) -> Any:
        return str(self.rhs)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, values = self.process_lhs(compiler, connection)
        return f"{left} @? %s::jsonpath", (*values, self.rhs)


def condition(kind: Kind, wanted: Filter) -> Q:
    """InvalidFilter for what cannot be asked."""
    if isinstance(wanted, Both):
        return condition(kind, wanted.left) & condition(kind, wanted.right)
    if isinstance(wanted, Either):
        return condition(kind, wanted.left) | condition(kind, wanted.right)
    if isinstance(wanted, Not):
        return ~condition(kind, wanted.inner)
    if isinstance(wanted, Having):
        return _having(kind, wanted)
    column = _column(kind, wanted.path)
    operator, value = ("pr", None) if isinstance(wanted, Present) else (wanted.operator, wanted.value)
    if value is None and operator != "pr":
        if operator not in ("eq", "ne"):
            raise InvalidFilter(f"`{operator}` is not asked of null")
        return condition(kind, Present(wanted.path)) if operator == "ne" else ~condition(kind, Present(wanted.path))
    if operator == "ne":
        return ~_asked(wanted.path, column, "eq", value)
    return _asked(wanted.path, column, operator, value)


def _asked(path: Path, column: Ask | None, operator: str, value: Value) -> Q:
    return column(operator, value) if column is not None else Q(folded__found_by=_json_path(path, operator, value))


def _column(kind: Kind, path: Path) -> Ask | None:
    if path.extension is not None or path.attribute is None:
        return None
    name = path.attribute.name
    if name == "meta":
        return _meta(kind, path)
    if kind is GROUP and name == "members":
        return _members(path.sub.name if path.sub else "value")
    if kind is USER and name == "groups":
        return _groups(path.sub.name if path.sub else "value")
    return _COLUMNS.get((kind.name, name)) or _COLUMNS.get(("", name))


def _text(field: str, *, is_exact: bool = False) -> Ask:
    """A column; one without regard to case holds small letters."""

    def ask(operator: str, value: Value) -> Q:
        if operator == "pr":
            return ~Q(**{field: ""})
        if not isinstance(value, str):
            return Q(pk__in=[])
        return Q(**{_lookup(field, operator): value if is_exact else value.lower()})

    return ask


def _lookup(field: str, operator: str) -> str:
    suffix = {"eq": "", "co": "__contains", "sw": "__startswith", "ew": "__endswith"}.get(
        operator, f"__{_LONG[operator]}"
    )
    return f"{field}{suffix}"


_LONG = {
    "eq": "exact",
    "co": "contains",
    "sw": "startswith",
    "ew": "endswith",
    "gt": "gt",
    "ge": "gte",
    "lt": "lt",
    "le": "lte",
}


def _truth(field: str) -> Ask:
    def ask(operator: str, value: Value) -> Q:
        if operator == "pr":
            return Q()
        if isinstance(value, str) and value.lower() in ("true", "false"):
            value = value.lower() == "true"
        if operator != "eq" or not isinstance(value, bool):
            raise InvalidFilter(f"`active` is not asked by `{operator}`")
        return Q(**{field: value})

    return ask


def _schemas(operator: str, value: Value) -> Q:
    raise InvalidFilter("`schemas` is not asked for: each address has resources of one kind")


_COLUMNS: Mapping[tuple[str, str], Ask] = {
    ("User", "id"): _text("user_id", is_exact=True),
    ("Group", "id"): _text("group_id", is_exact=True),
    ("User", "userName"): _text("user_name"),
    ("User", "active"): _truth("is_active"),
    ("", "externalId"): _text("external_id", is_exact=True),
    ("", "schemas"): _schemas,
}
_MOMENTS = {"created": "created_at", "lastModified": "changed_at"}


def _meta(kind: Kind, path: Path) -> Ask:
    name = path.sub.name if path.sub else ""
    if name not in _MOMENTS:
        raise InvalidFilter(f"`meta{'.' if name else ''}{name}` is not asked for")
    field = _MOMENTS[name]

    def ask(operator: str, value: Value) -> Q:
        if operator == "pr":
            return Q()
        if operator not in ("eq", *_ORDER):
            raise InvalidFilter(f"a time is not asked by `{operator}`")
        return Q(**{_lookup(field, operator): _moment(value)})

    return ask


def _moment(value: Value) -> datetime:
    try:
        return parse_iso(str(value)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidFilter("a time is expected, such as 2030-01-31T00:00:00Z") from None


def _members(part: str) -> Ask:
    """Asked of the places in the group, one row each."""

    def ask(operator: str, value: Value) -> Q:
        places = GroupMember.objects.filter(group_id=OuterRef("group_id"))
        return Q(Exists(places if operator == "pr" else places.filter(_member(part, operator, value))))

    return ask


def _member(part: str, operator: str, value: Value) -> Q:
    if part == "type":
        return Q() if operator == "eq" and str(value).lower() == "user" else Q(pk__in=[])
    if not isinstance(value, str):
        return Q(pk__in=[])
    if part == "value":
        return Q(**{_lookup("user_id", operator): value})
    raise InvalidFilter(f"members are not asked for their {part}")


def member_condition(wanted: Filter) -> Q:
    """The brackets of `members[...]`, asked of places in a group."""
    if isinstance(wanted, Both):
        return member_condition(wanted.left) & member_condition(wanted.right)
    if isinstance(wanted, Either):
        return member_condition(wanted.left) | member_condition(wanted.right)
    if isinstance(wanted, Not):
        return ~member_condition(wanted.inner)
    if isinstance(wanted, Compare) and wanted.path.leaf is not None and wanted.value is not None:
        name = wanted.path.leaf.name
        asked = _member(name, "eq" if wanted.operator == "ne" else wanted.operator, wanted.value)
        return ~asked if wanted.operator == "ne" else asked
    raise InvalidFilter("members are found by comparing their parts")


def _groups(part: str) -> Ask:
    def ask(operator: str, value: Value) -> Q:
        places = GroupMember.objects.filter(user_id=OuterRef("user_id"), managed_by=OuterRef("integration_id"))
        if operator == "pr":
            return Q(Exists(places))
        field = {"value": "group_id", "display": "group__name"}.get(part)
        if field is None or not isinstance(value, str):
            raise InvalidFilter(f"groups are not asked for their {part}")
        lookup = _lookup(field, operator)
        if part == "display":
            lookup = f"{field}__i{_LONG[operator]}" if operator in ("eq", "co", "sw", "ew") else lookup
        return Q(Exists(places.filter(**{lookup: value})))

    return ask


def _having(kind: Kind, wanted: Having) -> Q:
    column = _column(kind, wanted.path)
    if column is None:
        inner = _inside(wanted.inner)
        return Q(folded__found_by=f"{_steps(wanted.path)} ? ({inner})")
    if kind is GROUP and wanted.path.attribute is not None and wanted.path.attribute.name == "members":
        places = GroupMember.objects.filter(group_id=OuterRef("group_id"))
        return Q(Exists(places.filter(member_condition(wanted.inner))))
    raise InvalidFilter("brackets are not asked of this attribute")


def _inside(wanted: Filter) -> str:
    """A filter in brackets as a predicate of jsonpath."""
    if isinstance(wanted, Both):
        return f"({_inside(wanted.left)} && {_inside(wanted.right)})"
    if isinstance(wanted, Either):
        return f"({_inside(wanted.left)} || {_inside(wanted.right)})"
    if isinstance(wanted, Not):
        return f"!({_inside(wanted.inner)})"
    if isinstance(wanted, Present):
        return f"exists(@.{_key(wanted.path)})"
    if isinstance(wanted, Compare):
        place = f"@.{_key(wanted.path)}"
        if wanted.value is None:
            return f"!exists({place})" if wanted.operator == "eq" else f"exists({place})"
        if wanted.operator == "ne":
            return f"!({_predicate(place, 'eq', wanted.value)})"
        return _predicate(place, wanted.operator, wanted.value)
    raise InvalidFilter("brackets stand in no other brackets")


def _key(path: Path) -> str:
    assert path.leaf is not None
    return _quoted(path.leaf.name)


def _json_path(path: Path, operator: str, value: Value) -> str:
    steps = _steps(path)
    leaf = path.leaf
    if path.sub is None and path.attribute is not None and path.attribute.is_complex and "value" in path.attribute.subs:
        steps += '."value"'
    elif leaf is not None and leaf.is_complex and operator != "pr":
        raise InvalidFilter(f"`{leaf.name}` is asked for by one of its parts")
    return steps if operator == "pr" else f"{steps} ? ({_predicate('@', operator, value)})"


def _steps(path: Path) -> str:
    found = "$" if path.extension is None else f"$.{_quoted(path.extension)}"
    if path.attribute is not None:
        found += f".{_quoted(path.attribute.name)}{'[*]' if path.attribute.is_many else ''}"
    return f"{found}.{_quoted(path.sub.name)}" if path.sub else found


def _predicate(place: str, operator: str, value: Value) -> str:
    folded = value.lower() if isinstance(value, str) else value
    if operator == "eq":
        if isinstance(folded, str) and folded in ("true", "false"):
            return f"({place} == {_quoted(folded)} || {place} == {folded})"
        return f"{place} == {_quoted(folded)}"
    if operator in _ORDER:
        return f"{place} {_ORDER[operator]} {_quoted(folded)}"
    if not isinstance(folded, str):
        raise InvalidFilter(f"`{operator}` is asked of texts")
    if operator == "sw":
        return f"{place} starts with {_quoted(folded)}"
    escaped = _SPECIAL.sub(r"\\\1", folded)
    return f"{place} like_regex {_quoted(escaped + ('$' if operator == 'ew' else ''))}"


def _quoted(value: Value) -> str:
    """As jsonpath writes it, which is as JSON does."""
    return json.dumps(value, ensure_ascii=False)


def order_of(kind: Kind, path: Path) -> Any:
    """What a list is sorted by: a column, or the first value at a place of the document."""
    attribute = path.attribute
    if path.extension is None and attribute is not None:
        columns = {
            "id": "user_id" if kind is USER else "group_id",
            "userName": "user_name",
            "externalId": "external_id",
        }
        if attribute.name in columns:
            return columns[attribute.name]
        if attribute.name == "active":
            return "is_active"
        if attribute.name == "meta" and path.sub is not None and path.sub.name in _MOMENTS:
            return _MOMENTS[path.sub.name]
        if attribute.name in ("members", "groups", "meta", "schemas"):
            raise InvalidFilter(f"nothing is sorted by `{attribute.name}`")
    steps = _steps(path)
    if path.sub is None and attribute is not None and attribute.is_complex and "value" in attribute.subs:
        steps += '."value"'
    return RawSQL("jsonb_path_query_first(folded, %s::jsonpath)", [steps])
