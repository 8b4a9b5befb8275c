"""What of executions has grown old: those that have ended, their lines and their figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from executions.engine.turns import LOOP
from executions.models import Execution, LogEntry, Metric
from executions.queries.search import WITHOUT_TURNS
from tenants.namespaces.reach import Reach

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Expired:
    """Before a date, in a part of the tenant; narrowed by the states and labels of the executions, and by levels."""

    reach: Reach
    before: datetime
    states: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    levels: tuple[str, ...] = ()

    @property
    def of_executions(self) -> Q:
        """What it asks of an execution but for its age."""
        found = Q(state__in=self.states) if self.states else Q()
        return found & Q(labels__contains=dict(self.labels)) if self.labels else found


def expired_executions(expired: Expired) -> QuerySet[Execution]:
    """Those that are over since before the date: nothing of them runs, and no loop still counts on them."""
    rows = Execution.objects.filter(WITHOUT_TURNS, expired.reach.q(), expired.of_executions)
    # What began later has not ended before: this is what the index knows.
    rows = rows.filter(end_date__lt=expired.before, start_date__lt=expired.before)
    return rows.alias(stage=Coalesce(KeyTextTransform("stage", "frame"), Value("done", TextField()))).filter(
        stage="done"
    )


def expired_lines(expired: Expired) -> QuerySet[LogEntry]:
    """Lines of executions that have ended, and of those that are no more."""
    rows = _of_what_ended(LogEntry.objects.filter(expired.reach.q(), at__lt=expired.before), expired)
    return rows.filter(level__in=expired.levels) if expired.levels else rows


def expired_figures(expired: Expired) -> QuerySet[Metric]:
    return _of_what_ended(Metric.objects.filter(expired.reach.q(), at__lt=expired.before), expired)


def _of_what_ended(rows: QuerySet[M], expired: Expired) -> QuerySet[M]:
    """What runs keeps its lines; who asks for states or labels asks for an execution that has them."""
    running = Execution.objects.filter(id=OuterRef("execution_id"), end_date__isnull=True)
    if not expired.states and not expired.labels:
        return rows.filter(~Exists(running))
    of_these = Execution.objects.filter(expired.of_executions, id=OuterRef("execution_id"), end_date__isnull=False)
    return rows.filter(Exists(of_these))


def roots_of(execution_ids: Iterable[str]) -> dict[str, str]:
    """Each of them with the execution whose loops it is a turn of, itself where it is none; one question per depth."""
    roots = {each: each for each in execution_ids}
    turns = set(roots)
    while turns:
        found = Execution.objects.filter(kind=LOOP, id__in=turns, parent_id__isnull=False)
        parents = dict(found.values_list("id", "parent_id"))
        roots = {each: str(parents.get(root, root)) for each, root in roots.items()}
        turns = {str(each) for each in parents.values()}
    return roots
