"""What comes of a worker's look at a trigger: what starts, and when somebody has to look again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from executions.record.flow_source import RunningFlow, running_revision
from executions.starts.begin import Blocked
from plugins.contracts import PluginError
from plugins.triggers.fires import Fire
from plugins.triggers.kinds import PollingTrigger, RealtimeTrigger, accepts
from triggers.firing.facts import facts_of
from triggers.firing.launching import Launch, started
from triggers.models import Trigger
from triggers.record.rows import set_due

AGAIN = timedelta(minutes=1)
"""When to look again at one whose flow cannot be read."""
_RESTARTS = (1, 2, 5, 10, 30, 60)
"""Seconds until one that listens is started again, by how often it has failed."""
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Watched:
    """A trigger that a worker looks at, its row locked, and the flow that it starts."""

    row: Trigger
    trigger: PollingTrigger | RealtimeTrigger
    running: RunningFlow

    @property
    def waits(self) -> bool:
        """Whether it looks no more while an execution that it started still runs."""
        return isinstance(self.trigger, PollingTrigger) and not self.row.allows_concurrent


def watched(row: Trigger) -> Watched:
    """Raises NotFound when the revision is gone, PluginError for a trigger of another kind."""
    running = running_revision(row.revision_id)
    trigger = running.compiled.flow.trigger(row.trigger_id)
    if not isinstance(trigger, PollingTrigger | RealtimeTrigger):
        raise PluginError("It is no trigger that a worker looks at", retryable=False)
    return Watched(row, trigger, running)


def is_wanted(seen: Watched, now: datetime) -> bool:
    """Whether its conditions hold at this moment. Raises PluginError when one cannot be decided."""
    variables = Fire(now).variables()
    facts = facts_of(seen.running.compiled, now).with_variables({"trigger": variables, "schedule": variables})
    return accepts(seen.trigger, facts)


@dataclass(frozen=True, slots=True)
class Find:
    """One execution that a look brings. With a `failure` it fails at once."""

    execution_id: str
    variables: Mapping[str, Any]
    secrets: Sequence[str] = ()
    failure: str | None = None


def conclude(seen: Watched, now: datetime, *, find: Find | None = None, error: str | None = None) -> None:
    """The look is over: write down what came of it, then let its find begin."""
    row = seen.row
    row.evaluation_id, row.problem = None, error[:_LONGEST] if error else None
    row.evaluated_at = row.updated_at = now
    row.failures = row.failures + 1 if error else 0
    row.next_at = now + _pause(seen)
    _write_and_begin(seen, [find] if find is not None else [], now)


def begin(seen: Watched, finds: Sequence[Find], now: datetime) -> None:
    """What a look has found begins while it goes on."""
    seen.row.updated_at = now
    if isinstance(seen.trigger, RealtimeTrigger):
        seen.row.problem, seen.row.failures, seen.row.evaluated_at = None, 0, now
    _write_and_begin(seen, finds, now)


def _pause(seen: Watched) -> timedelta:
    if isinstance(seen.trigger, PollingTrigger):
        return seen.trigger.interval
    return timedelta(seconds=_RESTARTS[min(max(0, seen.row.failures - 1), len(_RESTARTS) - 1)])


def _write_and_begin(seen: Watched, finds: Sequence[Find], now: datetime) -> None:
    """The row first: an execution that ends where it begins lets its trigger go on, or stops it."""
    row = seen.row
    if finds:
        row.fired_at = now
        row.execution_id = finds[-1].execution_id if seen.waits else row.execution_id
    set_due(row, now)
    row.save()
    for find in finds:
        _begin(seen, find, now)


def _begin(seen: Watched, find: Find, now: datetime) -> None:
    row = seen.row
    launch = Launch(
        seen.running,
        row.revision,
        row.revision_id,
        seen.trigger,
        facts_of(seen.running.compiled, now),
        now,
        find.variables,
        failure=find.failure,
        secrets=find.secrets,
        id=find.execution_id,
    )
    try:
        started(launch)
    except Blocked as error:
        row.problem = f"A check of the flow does not let it begin: {error.message}"[:_LONGEST]
        row.execution_id = None if row.execution_id == find.execution_id else row.execution_id
        set_due(row, now)
        row.save()


def conclude_unread(row: Trigger, now: datetime, error: str) -> None:
    """The same for one whose flow cannot be read, or whose conditions cannot be decided."""
    row.evaluation_id, row.problem, row.evaluated_at, row.updated_at = None, error[:_LONGEST], now, now
    row.next_at = now + AGAIN
    set_due(row, now)
    row.save()


def put_off(seen: Watched, now: datetime, error: str | None = None) -> None:
    """Look again later: its conditions do not hold now, or cannot be decided."""
    row = seen.row
    row.problem = error[:_LONGEST] if error else None
    row.evaluated_at = row.updated_at = now
    row.next_at = now + (seen.trigger.interval if isinstance(seen.trigger, PollingTrigger) else AGAIN)
    set_due(row, now)
    row.save()
