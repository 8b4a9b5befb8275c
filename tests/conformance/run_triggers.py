"""Cases that evaluate one trigger on a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from control_plane.kernel.words.moments import format_moment, parse_moment
from flows.model.facts import renderer
from flows.model.inputs.definitions import Input
from flows.model.inputs.resolve import resolve_inputs
from flows.model.parse import parse_plugin
from flows.model.trigger_labels import trigger_labels
from plugins.conditions.facts import Facts
from plugins.contracts import PluginError, Trigger
from plugins.triggers.backfill import Backfill
from plugins.triggers.fires import Fire
from plugins.triggers.flow import Flow as FlowTrigger
from tests.conformance.labels import label_map
from tests.conformance.matchers import Matching
from tests.conformance.messages import check_message
from tests.conformance.moments import StandingClock
from tests.conformance.run_conditions import facts_of
from tests.conformance.run_inputs import ENV, model_of
from tests.conformance.stored import check_needs
from tests.conformance.words import only

KINDS = {"trigger"}
Case = Mapping[str, Any]
WORDS = (
    *("execution", "date_equals", "date_after", "date_before", "date", "local_date", "labels", "labels_exact", "error"),
    *("hour", "minute", "day", "month"),
)
OF_AN_EXECUTION = ("variables", "labels", "labels_exact", "inputs", "inputs_exact", "trigger", "state", "flow_id")


@dataclass(frozen=True, slots=True)
class _Look:
    """One trigger under the eyes of a case."""

    case: Case
    clock: StandingClock
    facts: Facts
    trigger: Any
    backfill: Backfill | None
    date: datetime | None

    @property
    def matching(self) -> Matching:
        return Matching(now=lambda: self.clock.now)


def run_case(case: Case, folder: Path) -> None:
    """Raises AssertionError with what differs."""
    check_needs(case.get("needs") or {})
    only(case["expect"], WORDS, "a trigger")
    clock = StandingClock(case.get("server_timezone", "UTC"))
    document, context = clock.fill(case["trigger"]), clock.fill(case.get("trigger_context") or {})
    zone = clock.now.tzinfo or UTC
    facts = Facts(renderer(ENV), scope=case.get("variables") or {}, zone=zone)
    operation = OPERATIONS.get(case["op"])
    assert operation is not None, f"the operation {case['op']} is unknown"
    if case["op"] == "labels":
        _labels(case, document, facts)
        return
    trigger = parse_plugin(Trigger, document)
    date = parse_moment(context["date"], zone) if context.get("date") else None
    look = _Look(case, clock, facts, trigger, _backfill(context.get("backfill"), zone), date)
    try:
        operation(look)
    except PluginError as error:
        if "error" not in case["expect"]:
            raise
        check_message(case["expect"]["error"], str(error))


def _labels(case: Case, document: Any, facts: Facts) -> None:
    given = label_map((case.get("flow_context") or {}).get("labels") or {})
    found = trigger_labels(given, document.get("labels"), facts)
    expect = case["expect"]
    if "labels_exact" in expect:
        assert found == label_map(expect["labels_exact"]), found
    assert Matching().fits(found, label_map(expect.get("labels") or {})), found


def _backfill(given: Any, zone: tzinfo) -> Backfill | None:
    if not given:
        return None
    names = ("start", "end", "currentDate")
    start, end, current = (parse_moment(given[name], zone) if given.get(name) else None for name in names)
    far = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)
    begin = start or current or far
    labels = label_map(given.get("labels") or {})
    return Backfill(begin, end or far, current, bool(given.get("paused")), given.get("inputs") or {}, labels)


def _evaluate(look: _Look) -> None:
    if isinstance(look.trigger, FlowTrigger):
        _evaluate_flow_trigger(look)
        return
    due = look.backfill.date(look.trigger, look.facts) if look.backfill else look.date
    _check_fire(look, look.trigger.due(due, look.clock.now, look.facts) if due else None)


def _evaluate_flow_trigger(look: _Look) -> None:
    facts = facts_of(look.case)
    wanted = look.case["expect"]["execution"]
    fires = facts.execution is not None and look.trigger.accepts(facts)
    assert fires == (wanted is not None), f"fires: {fires}"
    if wanted is not None:
        own = look.case.get("flow_context") or look.case.get("flow") or {}
        labels = trigger_labels(label_map(own.get("labels") or {}), look.trigger.labels, facts)
        _check_execution(look, wanted, labels, {}, {"trigger": facts.execution})


def _check_fire(look: _Look, fire: Fire | None) -> None:
    wanted = look.case["expect"]["execution"]
    assert (fire is None) == (wanted is None), f"fires: {fire}"
    if wanted is None or fire is None:
        return
    variables = {"schedule": fire.variables(), "trigger": fire.variables()}
    flow = look.case.get("flow_context") or {}
    labels = trigger_labels(label_map(flow.get("labels") or {}), look.trigger.labels, look.facts)
    labels |= look.backfill.labels if look.backfill else {}
    definitions = [model_of(Input, entry) for entry in flow.get("inputs") or ()]
    given = {**look.trigger.inputs, **(look.backfill.inputs if look.backfill else {})}
    values = resolve_inputs(definitions, given, scope=variables, env=ENV).require()
    _check_execution(look, wanted, labels, values if definitions else {**given, **values}, variables)


def _check_execution(look: _Look, wanted: Case, labels: Any, inputs: Any, variables: Mapping[str, Any]) -> None:
    only(wanted, OF_AN_EXECUTION, "the execution of a trigger")
    fits = look.matching.fits
    for name, value in (wanted.get("variables") or {}).items():
        assert fits(variables.get(name), value), f"{name}: {variables.get(name)}"
    if "trigger" in wanted:
        shown = {"variables": variables.get("trigger"), "id": look.trigger.id, "type": look.trigger.type}
        assert fits(shown, wanted["trigger"]), shown
    if "labels" in wanted:
        assert fits(labels, label_map(wanted["labels"])), labels
    if "labels_exact" in wanted:
        assert labels == label_map(wanted["labels_exact"]), labels
    if "inputs_exact" in wanted:
        exact = {name: value for name, value in wanted["inputs_exact"].items() if value is not None}
        found = {name: value for name, value in inputs.items() if value is not None}
        assert fits(found, exact, exact=True), inputs
    assert fits(inputs, wanted.get("inputs") or {}), inputs
    assert wanted.get("state", "CREATED") == "CREATED", "a trigger creates executions, no more"


def _next(look: _Look) -> None:
    if look.backfill is not None:
        found = look.backfill.date(look.trigger, look.facts)
    elif look.date is None:
        found = look.trigger.first_date(look.clock.now, look.facts)
    else:
        found = look.trigger.next_date(look.date, look.clock.now, look.facts)
    _check_date(look, found)


def _previous(look: _Look) -> None:
    date = look.date or look.clock.now
    _check_date(look, look.trigger.fire(date, look.facts).previous)


def _check_date(look: _Look, found: datetime | None) -> None:
    expect = look.clock.fill(look.case["expect"])
    for name, wanted in expect.items():
        if name == "local_date":
            assert found is not None and found.date().isoformat() == wanted, found
        elif name in ("date_equals", "date"):
            assert _is_date(look, found, wanted), f"{found} is not {wanted}"
        elif name in ("date_after", "date_before"):
            assert found is not None, "there is no date"
            is_after = found > parse_moment(wanted)
            assert is_after is (name == "date_after"), f"{found} is not {name} {wanted}"
        elif name in ("hour", "minute", "day", "month"):
            assert found is not None and look.matching.fits(getattr(found, name), wanted), found


def _is_date(look: _Look, found: datetime | None, wanted: Any) -> bool:
    if wanted is None:
        return found is None
    if isinstance(wanted, Mapping):
        return look.matching.fits(found and format_moment(found), wanted)
    return found is not None and found == parse_moment(wanted)


OPERATIONS: dict[str, Callable[[_Look], None]] = {
    "evaluate": _evaluate,
    "next_evaluation_date": _next,
    "previous_evaluation_date": _previous,
    "labels": _evaluate,
}
