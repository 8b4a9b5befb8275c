"""Cases of a scheduler, run by looking at one trigger again and again on a clock that moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from control_plane.kernel.words.moments import format_moment, parse_moment
from flows.expressions import Environment
from flows.model.facts import renderer
from flows.model.inputs.definitions import Input
from flows.model.inputs.resolve import resolve_inputs
from plugins.catalog.registry import registry
from plugins.conditions.facts import Facts
from plugins.contracts import PluginError
from plugins.triggers.fires import Fire
from plugins.triggers.kinds import ClockTrigger, PollingTrigger
from plugins.triggers.turn import take_turn
from tests.conformance.matchers import Matching
from tests.conformance.moments import StandingClock
from tests.conformance.run_inputs import Case, model_of
from tests.conformance.stored import check_needs
from tests.conformance.words import only

KINDS = {"scheduler"}
DEFAULT_ZONE = "Europe/Paris"
MOST_TURNS = 200
REVISION = 1
"""The flow of a case is stored once."""
WORDS = (
    *("executions", "min_executions", "max_executions", "logs", "execution_state", "flow_revision", "trigger_date"),
    *("next_execution_date", "last_trigger_date_var", "first_trigger_date_var", "each_execution_inputs"),
    *("trigger_disabled", "trigger_disabled_within"),
)
FLOW_INPUTS = (
    {"id": "testInputs", "type": "STRING", "required": False},
    {"id": "def", "type": "STRING", "defaults": "awesome"},
)


class Polling(PollingTrigger):
    """A trigger for which something has always happened."""

    TYPE: ClassVar[str] = "io.kestra.core.tasks.test.PollingTrigger"

    duration: int | None = None


@dataclass(slots=True)
class Seen:
    """What the scheduler did."""

    fires: list[Fire] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    dates: list[datetime | None] = field(default_factory=list)


def run_case(case: Case, folder: Path) -> None:
    """Raises AssertionError with what differs."""
    check_needs(case.get("needs") or {})
    only(case["expect"], WORDS, "a scheduler")
    clock = StandingClock(DEFAULT_ZONE if case.get("server_timezone", "any") == "any" else case["server_timezone"])
    document, expect = clock.fill(case["trigger"]), clock.fill(case["expect"])
    found = registry().extended(Polling).find(document["type"])
    assert found is not None, document["type"]
    trigger: Any = model_of(found.plugin, {"id": "t", **document}, checks=False)
    env = Environment(clock=lambda: clock.now)
    facts = Facts(renderer(env), zone=clock.now.tzinfo or UTC)
    stored = (clock.fill(case.get("stored_trigger") or {})).get("date")
    if isinstance(trigger, ClockTrigger):
        seen = _run(trigger, parse_moment(stored) if stored else None, clock.now, facts, expect)
    else:
        seen = _poll(trigger, clock.now, facts)
    _check(expect, trigger, seen, env)


def _poll(trigger: PollingTrigger, now: datetime, facts: Facts) -> Seen:
    there = facts.with_variables({"trigger": Fire(now).variables()})
    try:
        holds = all(condition.holds(there) for condition in trigger.conditions)
    except PluginError as error:
        return Seen([Fire(now)], ["FAILED"], [str(error)])
    return Seen([Fire(now)], ["CREATED"]) if holds else Seen()


def _run(trigger: ClockTrigger, stored: datetime | None, now: datetime, facts: Facts, expect: Case) -> Seen:
    seen = Seen()
    wanted = expect.get("executions", expect.get("min_executions", 1))
    try:
        stored = trigger.recover(stored, now, facts) if stored is not None else None
    except PluginError as error:
        return Seen(logs=[str(error)])
    wanted = max(wanted.values()) if isinstance(wanted, dict) else wanted
    for _ in range(MOST_TURNS):
        turn = take_turn(trigger, stored, now, facts)
        stored = turn.next_date
        if turn.broken is not None:
            seen.logs.append(turn.broken)
            break
        if turn.fire is not None:
            seen.fires.append(turn.fire)
            seen.states.append("FAILED" if turn.failure else "CREATED")
            seen.dates.append(stored)
        if len(seen.fires) >= max(wanted, 1) or stored is None:
            break
        now = max(now, stored) if stored > now else now + timedelta(seconds=1)
    return seen


def _check(expect: Mapping[str, Any], trigger: Any, seen: Seen, env: Environment) -> None:
    fits = Matching().fits
    if "executions" in expect:
        assert fits(len(seen.fires), expect["executions"]), seen
    assert len(seen.fires) >= expect.get("min_executions", 0), seen
    assert len(seen.fires) <= expect.get("max_executions", MOST_TURNS), seen
    for log in expect.get("logs", ()):
        assert any(fits(line, {f"${name}": text}) for line in seen.logs for name, text in log.items()), seen.logs
    if "execution_state" in expect:
        assert expect["execution_state"] in seen.states, seen
    if "flow_revision" in expect:
        assert seen.fires and fits(REVISION, expect["flow_revision"]), seen
    if "trigger_date" in expect:
        assert _is_moment(seen.fires[0].date, expect["trigger_date"]), seen.fires[0]
    if "next_execution_date" in expect:
        assert _is_moment(seen.dates[0], expect["next_execution_date"]), seen.dates
    for name, place in (("last_trigger_date_var", -1), ("first_trigger_date_var", 0)):
        if name in expect:
            assert fits(seen.fires[place].variables()["date"], expect[name]), seen.fires[place]
    if "each_execution_inputs" in expect:
        definitions = [model_of(Input, entry) for entry in FLOW_INPUTS]
        values = resolve_inputs(definitions, trigger.inputs, scope={}, env=env).require()
        assert fits(values, expect["each_execution_inputs"]), values
    if "trigger_disabled" in expect or "trigger_disabled_within" in expect:
        is_disabled = bool(seen.fires) and bool(trigger.stop_after)
        assert is_disabled is expect.get("trigger_disabled", True), f"disabled: {is_disabled}"


def _is_moment(found: datetime | None, expected: Any) -> bool:
    if expected is None or found is None:
        return found is expected
    if isinstance(expected, dict) and "$in" not in expected:
        return Matching().fits(format_moment(found), expected)
    options = expected["$in"] if isinstance(expected, dict) else [expected]
    return any(found == parse_moment(option, ZoneInfo("UTC")) for option in options)
