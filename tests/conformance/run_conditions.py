"""Cases of single conditions, of the time windows of multiple ones, and of plugin defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from control_plane.kernel.words.moments import parse_moment
from flows.expressions import ExpressionError
from flows.model.defaults import Default, Defaults, apply_defaults
from flows.model.facts import renderer
from flows.model.parse import parse_plugin
from plugins.catalog.registry import registry
from plugins.conditions.facts import Facts
from plugins.conditions.windows import TimeWindow, note
from plugins.contracts import Condition, PluginError
from tests.conformance.labels import label_map
from tests.conformance.matchers import Matching
from tests.conformance.messages import check_message
from tests.conformance.moments import StandingClock
from tests.conformance.run_inputs import ENV, model_of
from tests.conformance.stored import check_needs
from tests.conformance.words import only

KINDS = {"condition", "window", "plugin_defaults"}
Case = Mapping[str, Any]
PARTS = ("hour", "minute", "second", "day", "month", "year")


def run_case(case: Case, folder: Path) -> None:
    """Raises AssertionError with what differs."""
    check_needs(case.get("needs") or {})
    RUNNERS[case["kind"]](case)


def _condition(case: Case) -> None:
    only(case["expect"], ("valid", "error"), "a condition")
    clock = StandingClock(case.get("server_timezone", "UTC"))
    given = clock.fill(case["condition"])
    facts = facts_of(case)
    try:
        conditions = [parse_plugin(Condition, entry) for entry in (given if isinstance(given, list) else [given])]
        holds = all(condition.holds(facts) for condition in conditions)
    except (PluginError, ExpressionError) as error:
        assert "error" in case["expect"], str(error)
        check_message(case["expect"]["error"], str(error))
        return
    assert "error" not in case["expect"], f"no error, but {holds}"
    assert holds == case["expect"]["valid"], f"it is {holds}"


def facts_of(case: Case) -> Facts:
    """What a condition is decided on: an execution, its flow, and variables."""
    execution = case.get("execution") or None
    shown: dict[str, Any] | None = None
    if execution:
        shown = {
            "namespace": execution.get("namespace"),
            "flowId": execution.get("flow_id") or execution.get("flowId"),
            "state": execution.get("state"),
            "labels": label_map(execution.get("labels") or {}),
            "outputs": execution.get("outputs"),
            "attempts": [_attempt_states(run.get("attempts") or []) for run in execution.get("taskruns") or ()],
        }
    own = case.get("flow") or execution or {}
    flow = {"namespace": own.get("namespace"), "id": own.get("id") or own.get("flow_id") or own.get("flowId")}
    scope = {**(case.get("context") or {}), **(case.get("variables") or {})}
    return Facts(renderer(ENV), flow, shown, scope)


def _attempt_states(attempts: list[Any]) -> list[str]:
    return [each["state"] if isinstance(each, Mapping) else each for each in attempts]


def _window(case: Case) -> None:
    clock = StandingClock(case.get("server_timezone", "UTC"))
    document = clock.fill(case["time_window"])
    for name in ("deadline", "startTime", "endTime"):
        if "T" in str(document.get(name, "")):
            document[name] = parse_moment(document[name]).time().isoformat()
    window = model_of(TimeWindow, document)
    bounds = window.bounds(clock.now)
    noted = note(window, None, {"a"}, {"a", "b"}, clock.now)
    found: dict[str, Any] = {
        "start": bounds.start.replace(tzinfo=None).isoformat(),
        "end": bounds.end.replace(tzinfo=None).isoformat(timespec="milliseconds"),
        **{f"start_{part}": getattr(bounds.start, part) for part in PARTS},
        **{f"end_{part}": getattr(bounds.end, part) for part in PARTS},
        "results_after_save": dict.fromkeys(noted.record.met, True),
        "expired_count": int(noted.record.is_expired(clock.now)),
    }
    expect = clock.fill(case["expect"])
    only(expect, found, "a window")
    for name, value in expect.items():
        is_exact = name == "results_after_save"
        assert Matching().fits(found[name], value, exact=is_exact), f"{name}: {found[name]!r} is not {value!r}"


def _plugin_defaults(case: Case) -> None:
    only(case["expect"], ("task", "task_exact", "absent"), "plugin defaults")
    document = {"tasks": [case["task"]], "pluginDefaults": case.get("flow_defaults") or []}
    merged = apply_defaults(document, Defaults(instance=_defaults(case.get("global_defaults"))), registry())
    task = merged["tasks"][0]
    for name, value in (case["expect"].get("task") or {}).items():
        assert Matching().fits(task.get(name), value), f"{name}: {task.get(name)!r}"
    if "task_exact" in case["expect"]:
        assert Matching().fits(task, case["expect"]["task_exact"], exact=True), task
    for name in case["expect"].get("absent") or ():
        assert name not in task, task


def _defaults(given: Any) -> list[Default]:
    return [Default(each["type"], each["values"], each.get("forced", False)) for each in given or ()]


RUNNERS: dict[str, Callable[[Case], None]] = {
    "condition": _condition,
    "window": _window,
    "plugin_defaults": _plugin_defaults,
}
