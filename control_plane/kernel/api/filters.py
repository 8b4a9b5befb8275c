"""Filters of lists: `filters[field][OP]=value` and their JSON form, compiled to conditions of the database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Q
from django.http import QueryDict

from control_plane.kernel.api.filter_fields import FilterField, Op
from control_plane.kernel.words.errors import BadParameter

_KEY = re.compile(r"filters\[([^\[\]]{1,60})\]\[([A-Z_]{1,40})\](?:\[(.{1,200})\])?")
_MOST = 100
_DEEPEST = 10
_LONGEST = 10_000
_NO_LEGACY: Mapping[str, tuple[str, Op]] = {}


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter as it was sent. `key` is the part of a map that is compared."""

    field: str
    op: Op
    value: str | list[str]
    key: str | None = None


class Filters:
    """What a list may be filtered by: each FilterField attribute, under its wire name.

    `legacy` names plain query parameters of older clients and the filter each one stands for.
    """

    legacy: ClassVar[Mapping[str, tuple[str, Op]]] = {}
    fields: ClassVar[Mapping[str, FilterField]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = {name: value for name, value in vars(cls).items() if isinstance(value, FilterField)}
        cls.fields = {**cls.fields, **own}

    @classmethod
    def matching(cls, values: QueryDict) -> Q:
        """All filters of a query string, joined by AND. An unknown field or operation is a BadParameter."""
        return cls.joined(conditions(values, cls.legacy))

    @classmethod
    def joined(cls, asked: Iterable[Condition]) -> Q:
        result = Q()
        for condition in asked:
            result &= cls.one(condition)
        return result

    @classmethod
    def one(cls, condition: Condition) -> Q:
        field = cls.fields.get(condition.field)
        if field is None:
            known = ", ".join(sorted(cls.fields))
            raise BadParameter(f"cannot filter by `{condition.field}`: use one of {known}")
        if condition.op not in field.ops:
            known = ", ".join(sorted(field.ops))
            raise BadParameter(f"`{condition.field}` cannot be filtered by {condition.op}: use one of {known}")
        if condition.key is not None and not field.has_keys:
            raise BadParameter(f"`{condition.field}` has no keys to filter by")
        return field.q(condition.field, condition.op, condition.value, condition.key)

    @classmethod
    def matching_json(cls, filters: object) -> Q:
        """The same from a JSON body: a list of `{field, operation, value}`, nested by `logical` and `children`."""
        if filters is None:
            return Q()
        if not isinstance(filters, list) or len(filters) > _MOST:
            raise BadParameter(f"`filters` must be a list of at most {_MOST}")
        return _joined((cls._node(node, 1) for node in filters), is_or=False)

    @classmethod
    def _node(cls, node: object, depth: int) -> Q:
        if not isinstance(node, dict) or depth > _DEEPEST:
            raise BadParameter("a filter must be an object, nested at most ten deep")
        result = cls.joined(_json_conditions(node)) if node.get("field") is not None else Q()
        children = node.get("children") or []
        if not isinstance(children, list) or len(children) > _MOST:
            raise BadParameter("`children` must be a list")
        if not children:
            return result
        is_or = str(node.get("logical", "and")).lower() == "or"
        inner = [cls._node(child, depth + 1) for child in children]
        return _joined([result, *inner] if result else inner, is_or=is_or)


def conditions(values: QueryDict, legacy: Mapping[str, tuple[str, Op]] = _NO_LEGACY) -> list[Condition]:
    """The filters of a query string, unjudged."""
    found: list[Condition] = []
    for name, items in values.lists():
        if name.startswith("filters["):
            match = _KEY.fullmatch(name)
            if match is None:
                raise BadParameter(f"`{name[:100]}` is no filter: write `filters[field][OPERATION]=value`")
            found += [Condition(match[1], _op(match[2]), _value(item), match[3]) for item in items]
        elif name in legacy:
            field, op = legacy[name]
            found += [Condition(field, op, _value(item)) for item in items if item]
    if len(found) > _MOST:
        raise BadParameter(f"at most {_MOST} filters can be used at once")
    return found


def _op(name: str) -> Op:
    try:
        return Op(name)
    except ValueError:
        raise BadParameter(f"`{name}` is no operation: use one of {', '.join(Op)}") from None


def _value(value: object) -> str:
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    if "\x00" in text or len(text) > _LONGEST:
        raise BadParameter("the value of a filter is too long or holds a NUL character")
    return text


def _json_conditions(node: Mapping[str, Any]) -> list[Condition]:
    """Older clients write `FLOW_ID` for `flowId` and wrap a value as `{"value": x}`."""
    field, op, value = _wire_name(str(node["field"])), _op(str(node.get("operation", ""))), node.get("value")
    if isinstance(value, dict) and set(value) == {"value"}:
        value = value["value"]
    if isinstance(value, dict):
        return [Condition(field, op, _value(each), str(key)) for key, each in value.items()]
    if isinstance(value, list):
        return [Condition(field, op, [_value(each) for each in value])]
    return [Condition(field, op, _value("" if value is None else value))]


_RENAMED = {"QUERY": "q", "MIN_LEVEL": "level", "LEVEL": "level", "GROUP": "groupList"}
_AS_THEY_ARE = {"POLICY_SCOPE", "ENFORCEMENT"}


def _wire_name(name: str) -> str:
    if name in _RENAMED:
        return _RENAMED[name]
    if name in _AS_THEY_ARE or not name.isupper():
        return name
    first, *rest = name.lower().split("_")
    return first + "".join(part.capitalize() for part in rest)


def _joined(parts: Iterable[Q], *, is_or: bool) -> Q:
    result = Q()
    for part in parts:
        result = (result | part) if is_or else (result & part)
    return result
