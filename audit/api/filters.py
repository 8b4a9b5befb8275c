"""What the audit trail may be searched by."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q

from audit.recording.chain import canonical
from audit.recording.trail import Action
from audit.searching.finding import IndexedSearch, narrowed
from audit.searching.terms import SEARCHED
from control_plane.kernel.api.filter_fields import By, Choice, Moment, Op, Search, Since, Text, Value, compared, one
from control_plane.kernel.api.filters import Filters
from control_plane.kernel.words.errors import BadParameter


def detail(key: str, value: str) -> Q:
    """Entries of one chain that told this of their object."""
    return narrowed(key, value) & _told(key, value)


def _told(key: str, value: str) -> Q:
    if key == "id":
        return Q(object_id=value)
    if key == "namespace":
        return Q(namespace=value)
    if key == "credential":
        return Q(body__contains=f'"credential":{canonical({"id": value})[:-1]}') | _said(key, value)
    return _said(key, value)


def _said(key: str, value: str) -> Q:
    return Q(body__contains=canonical({key: value})[1:-1])


def _details(find: Callable[[str, str], Q]) -> By:
    def details(op: Op, value: Value, key: str | None) -> Q:
        if key is None:
            raise BadParameter("`details` needs a key: filters[details][EQUALS][flowId]=...")
        return find(key, one("details", value))

    return By({Op.EQUALS}, details)


def _named(key: str, find: Callable[[str, str], Q]) -> By:
    return By({Op.EQUALS}, lambda op, value, _: find(key, one(key, value)))


class FiltersOfAll(Filters):
    """Of all chains together."""

    q = Search(*SEARCHED)
    id = Text("object_id")
    namespace = Text("namespace")
    resources = By({Op.EQUALS, Op.IN}, lambda op, value, _: Q(resource__in=compared("resources", op, value)))
    action = Choice("action", [*Action])
    type = Choice("action", [*Action])
    userId = Text("actor_id")
    username = Text("actor_name")
    details = _details(_told)
    flowId = _named("flowId", _told)
    executionId = _named("executionId", _told)
    startDate = Moment("at")
    endDate = Moment("at")
    created = Moment("at")
    timeRange = Since("at")
    legacy = {
        "q": ("q", Op.EQUALS),
        "namespace": ("namespace", Op.PREFIX),
        "flowId": ("flowId", Op.EQUALS),
        "executionId": ("executionId", Op.EQUALS),
        "userId": ("userId", Op.EQUALS),
        "id": ("id", Op.EQUALS),
        "resources": ("resources", Op.IN),
        "startDate": ("startDate", Op.GREATER_THAN_OR_EQUAL_TO),
        "endDate": ("endDate", Op.LESS_THAN_OR_EQUAL_TO),
        "type": ("type", Op.EQUALS),
    }


class AuditFilters(FiltersOfAll):
    """Of one chain, which has an index of what is told in it."""

    q = IndexedSearch(*SEARCHED)
    details = _details(detail)
    flowId = _named("flowId", detail)
    executionId = _named("executionId", detail)


SORTS = {"date": "seq", "type": "action", "userId": "actor_id", "id": "seq"}
SORTS_OF_ALL = {**SORTS, "date": "at", "id": "at"}
