"""Have a schedule run past dates again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from audit.recording.commands import command
from control_plane.kernel.actor import Context
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import Invalid, Violation
from control_plane.kernel.words.ids import new_id
from executions.engine.start import forbidden_labels
from executions.record.flow_source import running_revision
from flows.expressions import ExpressionError
from plugins.conditions.facts import Facts
from plugins.contracts import PluginError
from plugins.triggers.backfill import Backfill
from plugins.triggers.fires import Fire
from plugins.triggers.kinds import ClockTrigger
from triggers import shapes
from triggers.firing import backfills
from triggers.firing.facts import facts_of
from triggers.firing.launching import Launch, inputs_of
from triggers.models import Trigger
from triggers.permissions import TRIGGER
from triggers.record.rows import set_due
from triggers.services.acts import WrongState, document_of
from triggers.services.targets import Name, named_trigger

MOST_DATES = 50_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """The dates from `start` to `end`, now when it is not given, with inputs and labels added to the trigger's."""

    start: datetime
    end: datetime | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


@command(TRIGGER.BACKFILL, on=named_trigger)
def create_backfill(ctx: Context, *, name: Name, wanted: Wanted) -> Trigger:
    """Raises WrongState for a trigger that has one under way, and Invalid for dates or inputs that do not fit."""
    row, at = ctx.target_as(Trigger), now()
    trigger = _schedule(row)
    facts = facts_of(running_revision(row.revision_id).compiled, at)
    end = wanted.end or at
    first = _check_dates(trigger, wanted.start, end, facts)
    refused = forbidden_labels(wanted.labels)
    if refused:
        raise Invalid(violations=[Violation("System labels cannot be given", f"backfill.labels.{refused[0]}")])
    _check_inputs(row, trigger, wanted, first, facts, at)
    before = shapes.state(row)
    backfill = Backfill(wanted.start, end, first, inputs=wanted.inputs, labels=wanted.labels, resumes_at=row.next_at)
    row.backfill, row.updated_at = backfills.kept(backfill, new_id()), at
    set_due(row, at)
    row.save()
    ctx.record(
        TRIGGER.name,
        row.pk,
        namespace=row.namespace,
        before=before,
        after=shapes.state(row),
        flowId=row.flow_id,
        triggerId=row.trigger_id,
    )
    return row


def _schedule(row: Trigger) -> ClockTrigger:
    trigger = document_of(row)
    if not isinstance(trigger, ClockTrigger):
        raise WrongState("only a trigger on the clock has dates to run again")
    if row.is_off or row.is_disabled:
        raise WrongState("it is disabled: nothing of a backfill would run")
    if row.backfill is not None:
        raise WrongState("it has a backfill already: wait for its end or delete it")
    return trigger


def _check_dates(trigger: ClockTrigger, start: datetime, end: datetime, facts: Facts) -> datetime:
    """The first of the dates."""
    if start >= end:
        raise Invalid(violations=[Violation("must be before the end", "backfill.start")])
    try:
        dates = list(islice(_dates(trigger, start, end, facts), MOST_DATES + 1))
    except PluginError as error:
        raise Invalid(violations=[Violation(str(error), "triggerId")]) from None
    if not dates:
        raise Invalid(violations=[Violation("no date of the trigger lies between start and end", "backfill.start")])
    if len(dates) > MOST_DATES:
        told = f"more than {MOST_DATES} dates lie between start and end: run fewer at once"
        raise Invalid(violations=[Violation(told, "backfill.start")])
    return dates[0]


def _dates(trigger: ClockTrigger, start: datetime, end: datetime, facts: Facts) -> Iterator[datetime]:
    """Without asking conditions, each of which might take its time."""
    plain = trigger.model_copy(update={"conditions": [], "when": None})
    return plain.backfill_dates(start, end, facts)


def _check_inputs(
    row: Trigger, trigger: ClockTrigger, wanted: Wanted, first: datetime, facts: Facts, at: datetime
) -> None:
    """Try them with the first date, so that not every execution of the backfill fails for the same reason."""
    variables = Fire(first).variables()
    running = running_revision(row.revision_id)
    try:
        inputs_of(
            Launch(
                running,
                row.revision,
                row.revision_id,
                trigger,
                facts,
                at,
                variables,
                more={"schedule": variables},
                inputs=wanted.inputs,
            )
        )
    except ExpressionError as error:
        raise Invalid(violations=[Violation(error.message, "backfill.inputs")]) from None
