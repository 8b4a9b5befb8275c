"""What tests of triggers stand on: flows with triggers, and a clock that only they move."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from control_plane.kernel.scope import tenant_scope
from executions.models import Execution
from tests.cast import ACME
from triggers.models import Trigger
from triggers.scheduling.scheduler import Scheduler

NOON = datetime(2025, 1, 1, 12, 0, tzinfo=UTC)


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@dataclass
class Timed:
    """Schedules on a clock of their own: rows begin at its time, and the scheduler looks when it is told to."""

    clock: Clock = field(default_factory=Clock)

    @property
    def scheduler(self) -> Scheduler:
        return Scheduler(clock=self.clock)

    def begin(self, date: datetime, flow_id: str = "timed") -> None:
        """Let the trigger of a flow that was just saved have this date before it."""
        with tenant_scope(ACME):
            Trigger.objects.filter(flow_id=flow_id).update(next_at=date, due_at=date)

    def look(self) -> None:
        """Also at those that the end of an execution let go on: that comes by the database's clock."""
        with tenant_scope(ACME):
            freed = Trigger.objects.filter(next_at__lte=self.clock.now, due_at__gt=self.clock.now)
            freed.update(due_at=self.clock.now)
        while self.scheduler.fire_due():
            continue


def timed_flow(flow_id: str = "timed", more: str = "", flow: str = "") -> str:
    return f"""
id: {flow_id}
namespace: prod.data
{flow}
tasks:
  - {{id: log, type: io.kestra.plugin.core.log.Log, message: x}}
triggers:
  - id: clock
    type: io.kestra.plugin.core.trigger.Schedule
    {more or "cron: '*/10 * * * *'"}
"""


def trigger_of(flow_id: str = "timed", trigger_id: str = "clock", tenant: str = ACME) -> Trigger:
    with tenant_scope(tenant):
        return Trigger.objects.get(flow_id=flow_id, trigger_id=trigger_id)


def executions_of(flow_id: str = "timed", tenant: str = ACME) -> list[Execution]:
    with tenant_scope(tenant):
        return list(Execution.objects.filter(flow_id=flow_id).order_by("schedule_date", "start_date", "id"))


def dates_of(flow_id: str = "timed") -> list[str]:
    return [
        each.schedule_date.astimezone(UTC).strftime("%H:%M") for each in executions_of(flow_id) if each.schedule_date
    ]
