"""The ways a trigger comes to fire by itself: the clock says so, a worker looks now and then, or listens all along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Annotated, Any

from pydantic import Field

from control_plane.kernel.words.durations import Duration
from control_plane.kernel.words.moments import zone
from plugins.conditions.facts import Facts
from plugins.contracts import PluginError, RunContext, Trigger
from plugins.contracts.truth import is_true
from plugins.triggers.fires import Fire, Recovery


def accepts(trigger: Trigger, facts: Facts) -> bool:
    """Whether its `when` and all its conditions hold. Raises PluginError when one cannot be decided."""
    if trigger.when is not None and not is_true(facts.render(trigger.when)):
        return False
    return all(condition.holds(facts) for condition in trigger.conditions)


class ClockTrigger(Trigger):
    """A trigger that fires at moments known beforehand.

    `facts.zone` is the server's zone. A stored date is the moment of the next evaluation; each one fires once.
    """

    timezone: str | None = None
    recover_missed_schedules: Recovery | None = None

    def zone(self, default: tzinfo) -> tzinfo:
        """The zone of its own, or this one. Raises PluginError when nobody knows its own."""
        try:
            return zone(self.timezone) if self.timezone else default
        except ValueError as error:
            raise PluginError(str(error), retryable=False) from None

    @property
    def fails_on_error(self) -> bool:
        """Whether a date that cannot be decided starts an execution that fails, or none.

        Where its author does not say, the generation of the language does: `conditions` fail, `when` does not.
        """
        if "fail_on_trigger_error" in self.model_fields_set:
            return self.fail_on_trigger_error
        return bool(self.conditions)

    def accepts(self, date: datetime, facts: Facts) -> bool:
        """Whether all conditions hold for this moment. Raises PluginError when one cannot be decided."""
        if not self.conditions and self.when is None:
            return True
        variables = Fire(date).variables()
        return accepts(self, facts.with_variables({"trigger": variables, "schedule": variables}))

    def is_too_late(self, date: datetime, now: datetime) -> bool:
        """Whether a date that has passed is dropped."""
        return False

    def first_date(self, now: datetime, facts: Facts) -> datetime | None:
        """The date to store for a trigger that is seen for the first time now."""
        raise PluginError(f"{self.type} has no dates")

    def next_date(self, last: datetime, now: datetime, facts: Facts) -> datetime | None:
        """The date to store after `last` was evaluated; None when there is none any more."""
        raise PluginError(f"{self.type} has no dates")

    def due(self, stored: datetime, now: datetime, facts: Facts) -> Fire | None:
        """The execution to start for the stored date; None when it is not yet due or the conditions reject it.

        Raises PluginError when a condition cannot be decided; `fails_on_error` says what follows.
        """
        raise PluginError(f"{self.type} has no dates")

    def recover(
        self, stored: datetime, now: datetime, facts: Facts, default: Recovery = Recovery.ALL
    ) -> datetime | None:
        """The date to store after a time in which nobody looked, given the one stored before it."""
        raise PluginError(f"{self.type} has no dates")

    def backfill_dates(self, start: datetime, end: datetime, facts: Facts) -> Iterator[datetime]:
        """Every accepted moment from `start` to `end`, both included, earliest first; made one by one."""
        raise PluginError(f"{self.type} has no dates")


class PollingTrigger(Trigger):
    """A trigger for which a worker looks every `interval` whether something has happened."""

    interval: Annotated[Duration, Field(gt=timedelta(), le=timedelta(days=36_500))] = timedelta(seconds=60)

    def evaluate(self, ctx: RunContext) -> Mapping[str, Any] | None:
        """What has happened, as the variables of `trigger`; None when nothing has. Raises PluginError."""
        raise PluginError(f"{self.type} cannot be evaluated")


class RealtimeTrigger(Trigger):
    """A trigger for which a worker listens all the time: each thing that happens starts an execution at once."""

    def listen(self, ctx: RunContext) -> None:
        """Hand each thing that happens to the service `starts`; return when the job is stopped. Raises PluginError.

        A source forgets nothing before `starts.begin` has returned: what a dead worker had found comes again.
        """
        raise PluginError(f"{self.type} cannot listen")
