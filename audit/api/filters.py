"""What the audit trail may be searched by."""

from __future__ import annotations

from django.db.models import Q

from audit.recording.chain import canonical
from audit.recording.trail import Action
from control_plane.kernel.api.filter_fields import By, Choice, Moment, Op, Search, Since, Text, Value, compared, one
from control_plane.kernel.api.filters import Filters
from control_plane.kernel.words.errors import BadParameter


def _details(op: Op, value: Value, key: str | None) -> Q:
    if key is None:
        raise BadParameter("`details` needs a key: filters[details][EQUALS][flowId]=...")
    return detail(key, one("details", value))


def detail(key: str, value: str) -> Q:
    """Entries that told this of their object."""
    if key == "id":
        return Q(object_id=value)
    if key == "namespace":
        return Q(namespace=value)
    return Q(body__contains=canonical({key: value})[1:-1])


def _named(key: str) -> By:
    return By({Op.EQUALS}, lambda op, value, _: detail(key, one(key, value)))


class AuditFilters(Filters):
    q = Search("object_id", "resource", "actor_name", "namespace")
    id = Text("object_id")
    namespace = Text("namespace")
    resources = By({Op.EQUALS, Op.IN}, lambda op, value, _: Q(resource__in=compared("resources", op, value)))
    action = Choice("action", [*Action])
    type = Choice("action", [*Action])
    userId = Text("actor_id")
    username = Text("actor_name")
    details = By({Op.EQUALS}, _details)
    flowId = _named("flowId")
    executionId = _named("executionId")
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


SORTS = {"date": "seq", "type": "action", "userId": "actor_id", "id": "seq"}
SORTS_OF_ALL = {**SORTS, "date": "at", "id": "at"}
