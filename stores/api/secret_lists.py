"""Lists of secrets, of which some are rows of our own and some are names in other systems: filtered, sorted, paged."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import re2
from django.db.models import Q
from django.http import QueryDict

from control_plane.kernel.actor import Context
from control_plane.kernel.api.filter_fields import Op, Search, Text, Value, items, one, pattern
from control_plane.kernel.api.filters import Condition, Filters, conditions
from control_plane.kernel.api.pages import listed, order_of, page_of, sliced
from control_plane.kernel.authorization import authorizer, visible_to
from stores.models import Secret
from stores.permissions import SECRET
from stores.secrets.choice import choices
from stores.secrets.queries import Named, all_elsewhere, elsewhere, in_database
from tenants.queries import namespace_names

_SORTS = {"key": "key", "namespace": "namespace"}
_DEFAULT_ORDER = ("namespace", "key")
_MOST_ROWS = 10_000
"""Of our own, where those of other systems stand among them."""


class Key(Text):
    """The key of a secret: case does not count."""

    def q(self, name: str, op: Op, value: Value, key: str | None) -> Q:
        if op is Op.REGEX:
            return super().q(name, op, f"(?i){one(name, value)}", key)
        raised = value.upper() if isinstance(value, str) else [each.upper() for each in value]
        return super().q(name, op, raised, key)


class SecretFilters(Filters):
    """Filters of lists of secrets."""

    legacy = {"q": ("q", Op.EQUALS), "namespace": ("namespace", Op.EQUALS)}
    fields = {"namespace": Text("namespace"), "key": Key("key"), "q": Search("key", "description")}


def page_of_secrets(ctx: Context, query: QueryDict) -> dict[str, Any]:
    """One page of what the actor may see, and whether all of it is only read."""
    asked = conditions(query, SecretFilters.legacy)
    matching = SecretFilters.joined(asked)
    rows = Secret.objects.filter(visible_to(ctx, SECRET.LIST)).filter(matching).defer("sealed")
    order = order_of(query, _SORTS, _DEFAULT_ORDER)
    named = _only_namespace(asked)
    outside = _outside(ctx, [named] if named else namespace_names())
    if not outside:
        return listed(rows.order_by(*order), page_of(query), lambda row: shown(in_database(row)))
    own = [in_database(row) for row in rows.exclude(namespace__in=outside)[:_MOST_ROWS]]
    other = elsewhere(named, choices([named])[named]) if named else all_elsewhere(outside)
    found = [*own, *(each for each in other if all(_holds(each, condition) for condition in asked))]
    return sliced([shown(each) for each in _sorted(found, order)], page_of(query))


def shown(secret: Named) -> dict[str, Any]:
    told: dict[str, Any] = {"namespace": secret.namespace, "key": secret.key, "tags": list(secret.tags)}
    return {**told, **({"description": secret.description} if secret.description else {})}


def _only_namespace(asked: Iterable[Condition]) -> str | None:
    """The one namespace that a list is about: then what its place says is the answer, failures too."""
    return next(
        (one("namespace", each.value) for each in asked if each.field == "namespace" and each.op is Op.EQUALS), None
    )


def _outside(ctx: Context, names: list[str]) -> list[str]:
    """The namespaces among these whose secrets other systems keep, where the actor may see them."""
    chosen = choices(names)
    outside = [name for name, each in chosen.items() if not each.is_built_in]
    return [name for name in outside if authorizer().may(ctx, SECRET.LIST, name)]


def _sorted(found: list[Named], order: list[str]) -> list[Named]:
    for name in reversed([each for each in order if each != "pk"]):
        found.sort(key=_sort_key(name.lstrip("-")), reverse=name.startswith("-"))
    return found


def _sort_key(name: str) -> Any:
    return lambda secret: secret.namespace if name == "namespace" else secret.key.upper()


def _holds(secret: Named, condition: Condition) -> bool:
    """What the database does for rows of ours."""
    op, value, field = condition.op, condition.value, condition.field
    if op is Op.NOT_EQUALS or op is Op.NOT_IN:
        positive = Op.EQUALS if op is Op.NOT_EQUALS else Op.IN
        return not _holds(secret, Condition(field, positive, value, condition.key))
    if field == "q":
        return one(field, value).lower() in f"{secret.key}\n{secret.description}".lower()
    has = secret.key.upper() if field == "key" else secret.namespace
    if op is Op.REGEX:
        flags = "(?i)" if field == "key" else ""
        return re2.search(pattern(field, flags + one(field, value)), has) is not None
    if op is Op.IN:
        return has in [_raised(field, each) for each in items(field, value)]
    return _compared(op, has, _raised(field, one(field, value)))


def _raised(field: str, text: str) -> str:
    return text.upper() if field == "key" else text


def _compared(op: Op, has: str, text: str) -> bool:
    if op is Op.STARTS_WITH:
        return has.startswith(text)
    if op is Op.ENDS_WITH:
        return has.endswith(text)
    if op is Op.CONTAINS:
        return text.lower() in has.lower()
    return has == text or (op is Op.PREFIX and has.startswith(f"{text}."))
