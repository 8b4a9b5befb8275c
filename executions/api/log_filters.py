"""What log lines may be filtered and sorted by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.db.models import Q
from django.http import QueryDict

from control_plane.kernel.api.filter_fields import (
    By,
    Moment,
    Number,
    Op,
    Search,
    Since,
    Text,
    Value,
    compared,
    items,
    one,
)
from control_plane.kernel.api.filters import Filters, conditions
from control_plane.kernel.api.query import whole
from control_plane.kernel.words.errors import BadParameter
from plugins.contracts import LogLevel

SORTS = {
    "timestamp": "at",
    "level": "level",
    "executionId": "execution_id",
    "flowId": "flow_id",
    "taskId": "task_id",
    "seq": "seq",
}


def levels_from(name: str) -> list[str]:
    """That level and the more urgent ones."""
    try:
        least = LogLevel(name.upper())
    except ValueError:
        raise BadParameter(f"`{name[:50]}` is no level: use one of {', '.join(LogLevel)}") from None
    return [level.value for level in LogLevel if level.rank >= least.rank]


def _level(op: Op, value: Value, key: str | None) -> Q:
    """EQUALS and GREATER_THAN_OR_EQUAL_TO both mean: at least. The others compare as they say."""
    if op in (Op.IN, Op.NOT_IN):
        found = Q(level__in=[name.upper() for name in items("level", value)])
        return ~found if op is Op.NOT_IN else found
    name = one("level", value)
    at_least = levels_from(name)
    if op is Op.NOT_EQUALS:
        return ~Q(level=name.upper())
    if op is Op.LESS_THAN_OR_EQUAL_TO:
        return ~Q(level__in=at_least) | Q(level=name.upper())
    return Q(level__in=at_least)


_LEVEL = By({Op.EQUALS, Op.NOT_EQUALS, Op.IN, Op.NOT_IN, Op.GREATER_THAN_OR_EQUAL_TO, Op.LESS_THAN_OR_EQUAL_TO}, _level)


def _attempt(op: Op, value: Value, key: str | None) -> Q:
    """Clients count attempts from 0."""
    counted = [str(whole("attemptNumber", item) + 1) for item in compared("attemptNumber", op, value)]
    return Number("attempt").q("attemptNumber", op, counted, key)


_TEXT = Text("")


def _trigger_id(op: Op, value: Value, key: str | None) -> Q:
    """Our lines are those of task runs, so none is a trigger's."""
    _TEXT.q("triggerId", op, value, key)
    return Q() if op in (Op.NOT_EQUALS, Op.NOT_IN) else Q(pk__in=[])


def execution_in(query: QueryDict) -> str:
    """The one execution whose lines are asked for: only within one is it known what was written over."""
    named = [each for each in conditions(query, LogFilters.legacy) if each.field == "executionId"]
    if [each.op for each in named] != [Op.EQUALS]:
        raise BadParameter("`folded` needs the filter `executionId` with EQUALS")
    return one("executionId", named[0].value)


class LinesOfExecutionFilters(Filters):
    """Filters within one execution; the plain names are those of older clients."""

    legacy: ClassVar[Mapping[str, tuple[str, Op]]] = {
        "minLevel": ("level", Op.GREATER_THAN_OR_EQUAL_TO),
        "taskId": ("taskId", Op.EQUALS),
        "taskRunId": ("taskRunId", Op.EQUALS),
        "attempt": ("attemptNumber", Op.EQUALS),
        "q": ("q", Op.EQUALS),
    }
    fields = {
        "level": _LEVEL,
        "taskId": Text("task_id"),
        "taskRunId": Text("task_run_id"),
        "attemptNumber": By({Op.EQUALS, Op.IN}, _attempt),
        "q": Search("message"),
    }


class LogFilters(Filters):
    """Filters across executions."""

    legacy: ClassVar[Mapping[str, tuple[str, Op]]] = {
        "q": ("q", Op.EQUALS),
        "minLevel": ("level", Op.GREATER_THAN_OR_EQUAL_TO),
        "namespace": ("namespace", Op.PREFIX),
        "flowId": ("flowId", Op.EQUALS),
    }
    fields = {
        "namespace": Text("namespace"),
        "flowId": Text("flow_id"),
        "executionId": Text("execution_id"),
        "taskId": Text("task_id"),
        "taskRunId": Text("task_run_id"),
        "seq": Number("seq"),
        "triggerId": By(Text.ops, _trigger_id),
        "level": _LEVEL,
        "q": Search("message"),
        "startDate": Moment("at"),
        "endDate": Moment("at"),
        "timeRange": Since("at"),
        "scope": By({Op.EQUALS, Op.IN}, lambda op, value, key: Q()),
    }
