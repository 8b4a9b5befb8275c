"""Delete log lines and figures by what is chosen, the oldest first, so many at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from executions.models import LogEntry, Metric


@dataclass(frozen=True, slots=True)
class Erased:
    """How many went. `last` is when the youngest of them was written; fewer than were allowed means that none are
    left."""

    count: int
    last: datetime | None


def erase_oldest(chosen: QuerySet[LogEntry] | QuerySet[Metric], most: int) -> Erased:
    """Delete the oldest of them by their keys."""
    found = list(chosen.order_by("at").values_list("pk", "at")[:most])
    if not found:
        return Erased(0, None)
    model = chosen.model
    count, _ = model.objects.filter(pk__in=[pk for pk, _ in found]).delete()
    return Erased(count, found[-1][1])
