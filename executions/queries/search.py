"""Lists of executions: what may be filtered and sorted by, and the rows of a page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import QueryDict

from control_plane.kernel.actor import Context
from control_plane.kernel.api.filter_fields import (
    By,
    Choice,
    Labels,
    Moment,
    Number,
    Op,
    Search,
    Since,
    Text,
    Value,
    one,
)
from control_plane.kernel.api.filters import Filters, conditions
from control_plane.kernel.authorization import visible_to
from control_plane.kernel.permissions import Permission
from control_plane.kernel.pipeline import Row
from control_plane.kernel.words.errors import BadParameter
from executions import shapes
from executions.engine.records import Execution as Record
from executions.engine.turns import LOOP
from executions.models import Execution
from executions.permissions import EXECUTION
from executions.record.rows import loads, steps
from plugins.contracts import State

SORTABLE = {
    "id": "id",
    "namespace": "namespace",
    "flowId": "flow_id",
    "state": "state",
    "state.current": "state",
    "state.startDate": "start_date",
    "state.endDate": "end_date",
    "startDate": "start_date",
    "endDate": "end_date",
    "flowRevision": "flow_revision",
}
NEWEST_FIRST = ("-start_date",)
LIGHT_COLUMNS = (
    "tenant_id",
    "id",
    "namespace",
    "flow_id",
    "flow_revision",
    "inputs",
    "outputs",
    "labels",
    "history",
    "state",
    "parent_id",
    "original_id",
    "trigger",
    "schedule_date",
    "kind",
    "loop_run",
)
LATEST_COLUMNS = ("id", "flow_id", "namespace", "start_date", "state")


def _kind(op: Op, value: Value, key: str | None) -> Q:
    """An execution without a kind is a normal one."""
    word = one("kind", value)
    found = Q(kind__isnull=True) | Q(kind="NORMAL") if word in ("NORMAL", "DEFAULT") else Q(kind=word)
    return ~found if op is Op.NOT_EQUALS else found


def _child(op: Op, value: Value, key: str | None) -> Q:
    word = one("childFilter", value)
    if word not in ("CHILD", "MAIN"):
        raise BadParameter("`childFilter` must be CHILD or MAIN")
    return Q(parent_task_run_id__isnull=word == "MAIN")


def _scope(op: Op, value: Value, key: str | None) -> Q:
    """Everything here was made by users; namespaces of the system hold what is not."""
    words = one("scope", value).upper().split(",")
    wants_user = "USER" in words
    if op is Op.NOT_EQUALS:
        wants_user = not wants_user
    system = Q(namespace="system") | Q(namespace__startswith="system.")
    if {"USER", "SYSTEM"} <= set(words):
        return Q()
    return ~system if wants_user else system


_EITHER = (Op.EQUALS, Op.NOT_EQUALS)


WITHOUT_TURNS = Q(kind__isnull=True) | ~Q(kind=LOOP)
"""A turn of a loop is a part of another execution."""


class ExecutionFilters(Filters):
    q = Search("id", "flow_id", "namespace")
    namespace = Text("namespace")
    flowId = Text("flow_id")
    id = Text("id")
    executionId = Text("id")
    state = Choice("state", [state.value for state in State])
    labels = Labels("labels")
    scope = By(_EITHER, _scope)
    kind = By(_EITHER, _kind)
    childFilter = By((Op.EQUALS,), _child)
    startDate = Moment("start_date")
    endDate = Moment("end_date")
    created = Moment("start_date")
    updated = Moment("updated_at")
    timeRange = Since("start_date")
    flowRevision = Number("flow_revision")
    parentId = Text("parent_id")
    triggerExecutionId = Text("parent_id")
    triggerId = Text("trigger__id")

    legacy: ClassVar = {
        "q": ("q", Op.EQUALS),
        "namespace": ("namespace", Op.PREFIX),
        "flowId": ("flowId", Op.EQUALS),
        "state": ("state", Op.IN),
        "labels": ("labels", Op.EQUALS),
        "startDate": ("startDate", Op.GREATER_THAN_OR_EQUAL_TO),
        "endDate": ("endDate", Op.LESS_THAN_OR_EQUAL_TO),
        "timeRange": ("timeRange", Op.EQUALS),
        "triggerExecutionId": ("triggerExecutionId", Op.EQUALS),
        "childFilter": ("childFilter", Op.EQUALS),
    }

    @classmethod
    def matching(cls, values: QueryDict) -> Q:
        """Without turns of loops, unless kinds are asked for."""
        found = super().matching(values)
        asks_for_kinds = any(each.field == "kind" for each in conditions(values, cls.legacy))
        return found if asks_for_kinds else found & WITHOUT_TURNS


def visible_executions(ctx: Context, permission: Permission = EXECUTION.LIST) -> QuerySet[Execution]:
    """Executions in the namespaces where this is allowed."""
    return Execution.objects.filter(visible_to(ctx, permission))


def light_rows() -> QuerySet[Execution, Row]:
    """What `light` shows an execution of a list from."""
    return Execution.objects.values_list(*LIGHT_COLUMNS)


def light(row: Row) -> dict[str, Any]:
    """A row whose JSON is still text."""
    return shapes.light(
        Record(
            tenant=row[0],
            id=row[1],
            namespace=row[2],
            flow_id=row[3],
            flow_revision=row[4],
            inputs=loads(row[5]),
            outputs=loads(row[6]),
            labels=loads(row[7]),
            history=steps(row[8]),
            state=State(row[9]),
            parent_id=row[10],
            original_id=row[11],
            trigger=loads(row[12]),
            schedule_date=row[13],
            kind=row[14],
            loop_run=loads(row[15]),
        )
    )


def latest_of(ctx: Context, names: Iterable[tuple[str, str]]) -> list[Execution]:
    """The newest execution of each of these flows."""
    visible = visible_executions(ctx).filter(WITHOUT_TURNS).only(*LATEST_COLUMNS)
    found = (
        visible.filter(namespace=namespace, flow_id=flow_id).order_by("-start_date", "-id").first()
        for namespace, flow_id in dict.fromkeys(names)
    )
    return [row for row in found if row is not None]
