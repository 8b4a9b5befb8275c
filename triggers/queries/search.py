"""Lists of triggers: what may be filtered and sorted by, and who sees which."""

from __future__ import annotations

from typing import ClassVar

from django.db.models import Q, QuerySet

from control_plane.kernel.actor import Context
from control_plane.kernel.api.filter_fields import By, Choice, Moment, Op, Search, Since, Text, Value, one
from control_plane.kernel.api.filters import Filters
from control_plane.kernel.authorization import visible_to
from control_plane.kernel.permissions import Permission
from control_plane.kernel.words.errors import BadParameter
from triggers.models import KINDS, Trigger
from triggers.permissions import TRIGGER
from workers.models import Job

SORTABLE = {
    "id": "trigger_id",
    "triggerId": "trigger_id",
    "flowId": "flow_id",
    "namespace": "namespace",
    "type": "type",
    "kind": "kind",
    "nextExecutionDate": "next_at",
    "nextEvaluationDate": "next_at",
    "lastTriggeredDate": "fired_at",
    "evaluatedAt": "evaluated_at",
    "updatedAt": "updated_at",
    "executionId": "execution_id",
    "disabled": "is_disabled",
}
BY_NAME = ("namespace", "flow_id", "trigger_id")

IS_ON = Q(is_off=False, is_disabled=False)
_EITHER = (Op.EQUALS, Op.NOT_EQUALS)


def _flag(name: str, value: Value) -> bool:
    word = one(name, value).lower()
    if word not in ("true", "false"):
        raise BadParameter(f"`{name}` must be true or false")
    return word == "true"


def _locked(op: Op, value: Value, key: str | None) -> Q:
    held = Q(execution_id__isnull=False) | Q(evaluation_id__isnull=False)
    return held if _flag("locked", value) is (op is Op.EQUALS) else ~held


def _state(op: Op, value: Value, key: str | None) -> Q:
    word = one("triggerState", value).upper()
    if word not in ("ENABLED", "DISABLED"):
        raise BadParameter("`triggerState` must be ENABLED or DISABLED")
    return IS_ON if (word == "ENABLED") is (op is Op.EQUALS) else ~IS_ON


def _worker(op: Op, value: Value, key: str | None) -> Q:
    """The worker that has the look in hand."""
    looked_at = Job.objects.filter(worker_id=one("workerId", value), kind__in=("trigger", "listen"))
    held = Q(pk__in=looked_at.values("subject_id"))
    return held if op is Op.EQUALS else ~held


class TriggerFilters(Filters):
    q = Search("trigger_id", "flow_id", "namespace")
    namespace = Text("namespace")
    flowId = Text("flow_id")
    triggerId = Text("trigger_id")
    triggerExecutionId = Text("execution_id")
    kind = Choice("kind", KINDS)
    locked = By(_EITHER, _locked)
    triggerState = By(_EITHER, _state)
    workerId = By(_EITHER, _worker)
    lastTriggeredDate = Moment("fired_at")
    nextExecutionDate = Moment("next_at")

    legacy: ClassVar = {
        "q": ("q", Op.EQUALS),
        "namespace": ("namespace", Op.PREFIX),
        "flowId": ("flowId", Op.EQUALS),
    }


class ByNextDate(TriggerFilters):
    """Where a period is about the dates to come."""

    startDate = Moment("next_at")
    endDate = Moment("next_at")


class ByLastDate(TriggerFilters):
    """Where it is about the last time each fired."""

    startDate = Moment("fired_at")
    endDate = Moment("fired_at")
    timeRange = Since("fired_at")


PERIODS: dict[str, type[TriggerFilters]] = {
    "NEXT_EXECUTION_DATE": ByNextDate,
    "LAST_TRIGGERED_DATE": ByLastDate,
}


def filters_for(date_filter: str) -> type[TriggerFilters]:
    """`date_filter` says which date `startDate` and `endDate` are about; the last one when it is empty."""
    found = PERIODS.get(date_filter or "LAST_TRIGGERED_DATE")
    if found is None:
        raise BadParameter(f"`dateFilter` must be one of {', '.join(PERIODS)}")
    return found


def visible_triggers(ctx: Context, permission: Permission = TRIGGER.LIST) -> QuerySet[Trigger]:
    """Those in the namespaces where this is allowed."""
    return Trigger.objects.filter(visible_to(ctx, permission))
