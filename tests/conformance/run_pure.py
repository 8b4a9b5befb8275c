"""Cases that need no engine: inputs, conditions, triggers on the clock, windows, plugin defaults."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from control_plane.kernel.words.durations import parse_duration
from control_plane.kernel.words.moments import format_moment, parse_moment
from flows.expressions import Environment
from flows.model.defaults import Default, Defaults, apply_defaults
from flows.model.documents.compose import compose
from flows.model.errors import FlowInvalid
from flows.model.facts import renderer
from flows.model.inputs.choices import choices_of
from flows.model.inputs.definitions import Input
from flows.model.inputs.files import file_extension
from flows.model.inputs.outputs import render_value
from flows.model.inputs.ports import Keepers, Upload
from flows.model.inputs.resolve import Resolved, resolve_inputs
from flows.model.parse import parse_plugin
from flows.model.reading.read import read_model
from flows.model.reading.session import Reading
from flows.model.trigger_labels import trigger_labels
from plugins.catalog.registry import registry
from plugins.conditions.facts import Facts
from plugins.conditions.windows import TimeWindow, WindowRecord, note
from plugins.contracts import Condition, Model, PluginError, Trigger
from plugins.triggers.backfill import Backfill
from plugins.triggers.flow import Flow as FlowTrigger
from tests.conformance.pure_answers import STORED, close_secret, fits, keep_file

KINDS = {"inputs", "condition", "trigger", "window", "plugin_defaults"}
Case = Mapping[str, Any]
ENV = Environment()
_NOW = re.compile(r"now(?P<sign>[+-])?(?P<amount>P[A-Z0-9.]+)?")


def run_case(case: Case, folder: Path) -> None:
    """Raises AssertionError with what differs."""
    RUNNERS[case["kind"]](case, folder)


class Clock:
    """The placeholders of a case on a clock that stands still."""

    def __init__(self, zone: str = "UTC") -> None:
        self.now = datetime.now(ZoneInfo(zone if zone != "any" else "UTC"))

    def fill(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self.fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if not isinstance(value, str):
            return value
        whole = re.fullmatch(r"\{hour\((.*)\)\}", value)
        if whole:
            return self._moment(whole[1]).hour
        return re.sub(r"\{([^{}\"']+)\}", lambda found: self._placeholder(found[1], found[0]), value)

    def _placeholder(self, text: str, whole: str) -> str:
        days = {"today": 0, "tomorrow": 1, "yesterday": -1}
        if text in days:
            return (self.now + timedelta(days=days[text])).date().isoformat()
        if text.endswith(" truncated to minute"):
            moment = self._moment(text.removesuffix(" truncated to minute"))
            return format_moment(moment.replace(second=0, microsecond=0))
        hour = re.fullmatch(r"trunc_hour\((.*)\)", text)
        if hour:
            return format_moment(self._moment(hour[1]).replace(minute=0, second=0, microsecond=0))
        return format_moment(self._moment(text)) if _NOW.fullmatch(text) else whole

    def _moment(self, text: str) -> datetime:
        found = _NOW.fullmatch(text)
        assert found is not None, text
        amount = parse_duration(found["amount"]) if found["amount"] else timedelta(0)
        return self.now - amount if found["sign"] == "-" else self.now + amount


def _inputs(case: Case, folder: Path) -> None:
    definitions = _definitions(case, folder)
    expect = case["expect"]
    if case.get("mode") == "file_extension":
        assert file_extension(definitions, case["query"]) == expect["extension"]
    elif case.get("mode") == "render_definition":
        variables = case.get("variables", {})
        rendered = [choices_of(entry, render_value(_expression(entry), variables, ENV)) for entry in definitions]
        assert rendered[0] == expect["rendered_values"], rendered
    else:
        _check_inputs(expect, _resolve(case, definitions, folder))


def _expression(definition: Input) -> Any:
    return getattr(definition, "expression", None)


def _definitions(case: Case, folder: Path) -> list[Input]:
    if "input_definitions" in case:
        return [model_of(Input, entry) for entry in case["input_definitions"]]
    if "flow_file" in case:
        local = case.get("files_local", {}).get(case["flow_file"], case["flow_file"])
        source = (folder / local).read_text()
    else:
        source = case["flow_source"]
    return [model_of(Input, entry) for entry in compose(source)["inputs"]]


def model_of(model: type[Model], document: Any, *, checks: bool = True) -> Any:
    """The document as this model; without `checks`, also when it breaks rules, as one that was stored long ago may."""
    reading = Reading(registry=registry(), root=document)
    built = read_model(model, document, reading)
    if built is None or (checks and reading.violations):
        raise FlowInvalid(reading.violations)
    return built


def _resolve(case: Case, definitions: list[Input], folder: Path) -> Resolved:
    given = {name: _given(value, folder) for name, value in (case.get("inputs") or {}).items()}
    has_key = "kestra.encryption.secret-key" in case.get("needs", {}).get("config", {})
    STORED.clear()
    keepers = Keepers(keep_file, close_secret if has_key else None)
    return resolve_inputs(definitions, given, scope=case.get("variables", {}), env=ENV, keepers=keepers)


def _given(value: Any, folder: Path) -> Any:
    if isinstance(value, str) and value.startswith(("$file:", "$upload:")):
        name = value.partition(":")[2]
        found = next(iter(folder.rglob(name.rpartition("/")[2])), None)
        return Upload(name.rpartition("/")[2], found.read_bytes() if found else name.encode())
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith("$"):
        return next(iter(value.values()))
    return value


def _check_inputs(expect: Case, resolved: Resolved) -> None:
    messages = "\n".join(error.message for error in resolved.errors)
    if "error" in expect:
        _check_message(expect["error"], messages)
        return
    assert not messages, messages
    for key, value in expect.get("values", {}).items():
        assert fits(_at(resolved.values, key), value), f"{key}: {_at(resolved.values, key)!r}"
    for key, value in expect.get("values_exact_key", {}).items():
        assert resolved.values[key] == value, resolved.values[key]
    for key in expect.get("has_key", ()):
        assert key in resolved.values
    for wanted in expect.get("resolved", ()):
        found = next(entry for entry in resolved.inputs if entry.definition.id == wanted["id"])
        assert found.enabled == wanted["enabled"], found
        assert not found.enabled or "value" not in wanted or fits(found.value, wanted["value"]), found
        if "error" in wanted or "exception" in wanted:
            _check_message(wanted.get("error") or wanted["exception"], found.error or "")


def _check_message(expected: Any, message: str) -> None:
    assert message, "no error"
    wanted = {"contains": expected} if isinstance(expected, str) else expected
    for name in ("contains", "message_contains", "message"):
        if name in wanted:
            assert wanted[name] in message, message


def _at(values: Mapping[str, Any], path: str) -> Any:
    current: Any = values
    for step in path.split("."):
        current = current[step]
    return current


def _condition(case: Case, folder: Path) -> None:
    clock = Clock()
    conditions = [parse_plugin(Condition, entry) for entry in _listed(clock.fill(case["condition"]))]
    facts = _facts(case)
    try:
        holds = all(condition.holds(facts) for condition in conditions)
    except PluginError as error:
        _check_message(case["expect"]["error"], str(error))
        return
    assert holds == case["expect"]["valid"], f"it is {holds}"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _facts(case: Case) -> Facts:
    execution = case.get("execution") or None
    shown: dict[str, Any] | None = None
    if execution:
        shown = {
            "namespace": execution.get("namespace"),
            "flowId": execution.get("flow_id"),
            "state": execution.get("state"),
            "labels": _labels(execution.get("labels")),
            "outputs": execution.get("outputs"),
            "attempts": [run.get("attempts", []) for run in execution.get("taskruns", ())],
        }
    own = case.get("flow") or execution or {}
    flow = {"namespace": own.get("namespace"), "id": own.get("id") or own.get("flow_id") or own.get("flowId")}
    return Facts(renderer(ENV), flow, shown, case.get("context") or {})


def _labels(labels: Any) -> dict[str, str]:
    if isinstance(labels, list):
        return {entry["key"]: entry["value"] for entry in labels}
    return labels or {}


def _trigger(case: Case, folder: Path) -> None:
    clock = Clock(case.get("server_timezone", "UTC"))
    document = clock.fill(case["trigger"])
    context = clock.fill(case.get("trigger_context") or {})
    zone = clock.now.tzinfo or UTC
    facts = Facts(renderer(ENV), scope=case.get("variables") or {}, zone=zone)
    operation = case["op"]
    if operation == "labels":
        found = trigger_labels(_labels(case["flow_context"]["labels"]), document.get("labels"), facts)
        assert found == case["expect"]["labels_exact"], found
        return
    trigger: Any = parse_plugin(Trigger, document)
    backfill = _backfill(context.get("backfill"), zone)
    date = parse_moment(context["date"], zone) if context.get("date") else None
    if operation == "evaluate" and isinstance(trigger, FlowTrigger):
        _check_flow_trigger(case, trigger)
    elif operation == "evaluate":
        due = backfill.date(trigger, facts) if backfill else date
        _check_fire(case, trigger, trigger.due(due, clock.now, facts) if due else None, facts, backfill)
    elif operation == "next_evaluation_date" and backfill is not None:
        _check_date(clock.fill(case["expect"]), backfill.date(trigger, facts))
    elif date is None:
        _check_date(clock.fill(case["expect"]), trigger.first_date(clock.now, facts))
    else:
        answers = {"next_evaluation_date": _next, "previous_evaluation_date": _previous}
        _check_date(clock.fill(case["expect"]), answers[operation](trigger, date, clock.now, facts))


def _backfill(given: Any, zone: tzinfo) -> Backfill | None:
    if not given:
        return None
    names = ("start", "end", "currentDate")
    start, end, current = (parse_moment(given[name], zone) if given.get(name) else None for name in names)
    far = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)
    begin = start or current or far
    labels = _labels(given.get("labels"))
    return Backfill(begin, end or far, current, bool(given.get("paused")), given.get("inputs") or {}, labels)


def _check_flow_trigger(case: Case, trigger: FlowTrigger) -> None:
    facts = _facts(case)
    wanted = case["expect"]["execution"]
    fires = facts.execution is not None and trigger.accepts(facts)
    assert fires == (wanted is not None), fires
    if wanted is not None:
        own = case.get("flow_context") or case.get("flow") or {}
        labels = trigger_labels(_labels(own.get("labels")), trigger.labels, facts)
        assert fits(labels, _labels(wanted.get("labels"))), labels


def _next(trigger: Any, date: datetime, now: datetime, facts: Facts) -> datetime | None:
    found: datetime | None = trigger.next_date(date, now, facts)
    return found


def _previous(trigger: Any, date: datetime, now: datetime, facts: Facts) -> datetime | None:
    found: datetime | None = trigger.fire(date, facts).previous
    return found


def _check_date(expect: Case, found: datetime | None) -> None:
    if "local_date" in expect:
        assert found is not None and found.date().isoformat() == expect["local_date"], found
    elif expect.get("date_equals") is None:
        assert found is None, found
    else:
        assert found == parse_moment(expect["date_equals"]), found


def _check_fire(case: Case, trigger: Any, fire: Any, facts: Facts, backfill: Backfill | None) -> None:
    wanted = case["expect"]["execution"]
    assert (fire is None) == (wanted is None), fire
    if wanted is None:
        return
    variables = {"schedule": fire.variables(), "trigger": fire.variables()}
    for name, value in wanted.get("variables", {}).items():
        assert fits(variables[name], value), variables[name]
    flow = case.get("flow_context") or {}
    labels = trigger_labels(_labels(flow.get("labels")), trigger.labels, facts)
    labels |= backfill.labels if backfill else {}
    assert fits(labels, _labels(wanted.get("labels"))), labels
    assert labels == _labels(wanted["labels_exact"]) if "labels_exact" in wanted else True, labels
    definitions = [model_of(Input, entry) for entry in flow.get("inputs", ())]
    given = {**trigger.inputs, **(backfill.inputs if backfill else {})}
    values = resolve_inputs(definitions, given, scope=variables, env=ENV).require()
    values = {**given, **values} if not definitions else values
    if "inputs_exact" in wanted:
        assert values == wanted["inputs_exact"], values
    assert fits(values, wanted.get("inputs", {})), values


def _window(case: Case, folder: Path) -> None:
    clock = Clock(case.get("server_timezone", "UTC"))
    document = clock.fill(case["time_window"])
    for name in ("deadline", "startTime", "endTime"):
        if "T" in str(document.get(name, "")):
            document[name] = parse_moment(document[name]).time().isoformat()
    window = model_of(TimeWindow, document)
    bounds = window.bounds(clock.now)
    noted = note(window, None, {"a"}, {"a", "b"}, clock.now)
    expect = clock.fill(case["expect"])
    found = {
        "start": bounds.start.replace(tzinfo=None).isoformat(),
        "end": bounds.end.replace(tzinfo=None).isoformat(timespec="milliseconds"),
        **{f"start_{part}": getattr(bounds.start, part) for part in ("hour", "minute", "second", "day")},
        **{f"end_{part}": getattr(bounds.end, part) for part in ("hour", "minute", "second", "day")},
        "results_after_save": dict.fromkeys(noted.record.met, True),
        "expired_count": int(_is_expired(noted.record, clock.now)),
    }
    for name, value in expect.items():
        assert fits(found[name], value), f"{name}: {found[name]!r} is not {value!r}"


def _is_expired(record: WindowRecord, now: datetime) -> bool:
    return record.is_expired(now)


def _plugin_defaults(case: Case, folder: Path) -> None:
    document = {"tasks": [case["task"]], "pluginDefaults": case.get("flow_defaults", [])}
    outer = [Default(d["type"], d["values"], d.get("forced", False)) for d in case.get("global_defaults", ())]
    merged = apply_defaults(document, Defaults(instance=outer), registry())
    task = merged["tasks"][0]
    for name, value in case["expect"]["task"].items():
        assert fits(task.get(name), value), f"{name}: {task.get(name)!r}"
    for name in case["expect"].get("absent", ()):
        assert name not in task, task


RUNNERS: dict[str, Callable[[Case, Path], None]] = {
    "inputs": _inputs,
    "condition": _condition,
    "trigger": _trigger,
    "window": _window,
    "plugin_defaults": _plugin_defaults,
}
