"""How much a tenant holds and runs: numbers, and nothing of what they count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, Min, Sum
from django.db.models.functions import TruncDay

from executions.models import Execution
from executions.queries.search import WITHOUT_TURNS
from flows.queries import living_flows

Json = dict[str, Any]
PARTS_OF_FLOWS = {
    "Inputs": "inputs",
    "Outputs": "outputs",
    "Labels": "labels",
    "Variables": "variables",
    "WorkerSelector": "workerSelector",
    "Errors": "errors",
    "Finally": "finally",
    "AfterExecution": "afterExecution",
    "Triggers": "triggers",
    "Concurrency": "concurrency",
    "Retry": "retry",
    "Sla": "sla",
    "Checks": "checks",
    "Quotas": "quotas",
}
PARTS_OF_TASKS = {
    "Retry": "retry",
    "Timeout": "timeout",
    "WorkerSelector": "workerSelector",
    "AllowFailure": "allowFailure",
    "LogToFile": "logToFile",
    "RunIf": "runIf",
    "AllowWarning": "allowWarning",
    "Cache": "taskCache",
    "Assets": "assets",
    "Errors": "errors",
    "Finally": "finally",
}
PARTS_OF_TRIGGERS = {
    "When": "when",
    "WorkerSelector": "workerSelector",
    "Labels": "labels",
    "StopAfter": "stopAfter",
    "LogToFile": "logToFile",
    "FailOnError": "failOnTriggerError",
    "AllowConcurrent": "allowConcurrent",
    "Assets": "assets",
}
_NO_TASKS = frozenset({"id", "namespace", "inputs", "outputs", "triggers", "labels", "variables", "pluginDefaults"})


@dataclass
class FlowUsage:
    """What flows are made of. Those of many tenants can be added up."""

    namespaces: set[tuple[str, str]] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    task_types: Counter[str] = field(default_factory=Counter)
    runner_types: Counter[str] = field(default_factory=Counter)
    trigger_types: Counter[str] = field(default_factory=Counter)
    input_types: Counter[str] = field(default_factory=Counter)
    of_flows: Counter[str] = field(default_factory=Counter)
    of_tasks: Counter[str] = field(default_factory=Counter)
    of_triggers: Counter[str] = field(default_factory=Counter)

    def add_flows(self, tenant_id: str) -> None:
        """Those of the open tenant, a few at a time."""
        for document in living_flows().values_list("document", flat=True).iterator(chunk_size=200):
            self.namespaces.add((tenant_id, document["namespace"]))
            self._add(document)

    def _add(self, document: Json) -> None:
        self.counts["flows"] += 1
        self.of_flows.update(_present(document, PARTS_OF_FLOWS))
        self.input_types.update(_types(document.get("inputs")))
        triggers = [each for each in document.get("triggers") or () if isinstance(each, Mapping)]
        self.trigger_types.update(_types(triggers))
        for trigger in triggers:
            self.of_triggers.update(_present(trigger, PARTS_OF_TRIGGERS))
        for task in _tasks({key: value for key, value in document.items() if key not in _NO_TASKS}):
            self.task_types[str(task["type"])] += 1
            self.of_tasks.update(_present(task, PARTS_OF_TASKS))
            self.runner_types.update(_types([task.get("taskRunner")]))


def _present(part: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    return (name for name, key in names.items() if part.get(key))


def _types(parts: Any) -> Iterator[str]:
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, Mapping) and isinstance(part.get("type"), str):
            yield part["type"]


def _tasks(value: Any) -> Iterator[Mapping[str, Any]]:
    """Whatever has an id and a type, however deep it stands; depth is bounded by what a flow may have."""
    if isinstance(value, Mapping):
        if isinstance(value.get("id"), str) and isinstance(value.get("type"), str):
            yield value
        value = list(value.values())
    for inner in value if isinstance(value, list) else ():
        yield from _tasks(inner)


@dataclass
class Day:
    """The executions that began on one day."""

    states: Counter[str] = field(default_factory=Counter)
    shortest: timedelta | None = None
    longest: timedelta | None = None
    total: timedelta = timedelta()
    ended: int = 0

    def add(self, row: Mapping[str, Any]) -> None:
        self.states[row["state"]] += row["number"]
        if row["ended"]:
            self.ended += row["ended"]
            self.total += row["total"]
            self.shortest = min(self.shortest or row["shortest"], row["shortest"])
            self.longest = max(self.longest or row["longest"], row["longest"])

    @property
    def mean(self) -> timedelta:
        return self.total / self.ended if self.ended else timedelta()


def days_since(since: datetime, days: dict[date, Day] | None = None) -> dict[date, Day]:
    """Those of the open tenant, turns of loops left out, added to `days`."""
    days = {} if days is None else days
    for row in _rows(since):
        days.setdefault(row["day"].date(), Day()).add(row)
    return days


def _rows(since: datetime) -> Iterable[Mapping[str, Any]]:
    took = F("end_date") - F("start_date")
    found = Execution.objects.filter(WITHOUT_TURNS, start_date__gte=since).annotate(day=TruncDay("start_date"))
    return (
        found.values("day", "state")
        .annotate(
            number=Count("id"),
            ended=Count("end_date"),
            shortest=Min(took),
            longest=Max(took),
            total=Sum(took),
        )
        .order_by("day", "state")
    )
