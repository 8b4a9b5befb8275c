"""Validation cases: whether a document is accepted, and what is said about one that is not."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

from pydantic import Field

from flows.model.documents.compose import compose_all
from flows.model.errors import FlowInvalid
from flows.model.inputs.definitions import Input
from flows.model.parse import ParsedFlow, ParseOptions, parse_document, parse_plugin, parse_trigger
from flows.model.parts import PluginDefault, Sla
from flows.model.reading.read import read_model
from flows.model.reading.session import Reading
from flows.model.report import report_lines
from flows.model.update import check_update
from plugins.catalog.registry import registry
from plugins.conditions.windows import TimeWindow
from plugins.contracts import Model, Retry, RunnableTask, Task
from plugins.triggers.preconditions import Filter
from tests.conformance.words import only

FILE = "validation_cases.json"
KINDS: set[str] = set()
Case = Mapping[str, Any]


class DeprecatedTask(RunnableTask):
    """A task that stands for one nobody should use any more."""

    TYPE: ClassVar[str] = "io.kestra.core.plugins.test.DeprecatedTask"
    DEPRECATED: ClassVar[str] = "It is old."

    additional_property: str | None = Field(default=None, deprecated="It is old too.")


OBJECTS: dict[str, type[Model]] = {
    "retry": Retry,
    "sla": Sla,
    "plugin_default": PluginDefault,
    "precondition_filter": Filter,
    "time_window": TimeWindow,
    "input": Input,
}
WORDS = ("valid", "violation_count", "message_contains", "message_equals", "path", "warnings", "output_contains")
OF_A_REPORT = (
    *("constraints", "deprecationPaths", "warnings", "infos", "outdated", "output_contains"),
    *("index", "flow", "namespace"),
)
STAGES = {
    *("parse", "parse_lenient", "validate", "update", "serialize", "api_validate", "api_validate_task"),
    *("api_validate_trigger", "api_create", "api_update", "cli_validate"),
}
JOINED = ("Duplicate ", "Recursive call", "System labels can only", "Cycle dependency", "Input with id")


def options(case: Case) -> ParseOptions:
    return ParseOptions(ignores_unknown=case["stage"] == "parse_lenient", plugins=registry().extended(DeprecatedTask))


def run_case(case: Case, folder: Path) -> None:
    """Raises AssertionError with what differs."""
    only(case["expect"], WORDS, "a validation")
    only(case.get("report") or {}, OF_A_REPORT, "a report")
    try:
        outcome: Any = _outcome(case, folder)
    except FlowInvalid as invalid:
        outcome = invalid
    _check(case, outcome)


def _outcome(case: Case, folder: Path) -> Any:
    stage = case["stage"]
    assert stage in STAGES, f"the stage {stage} is unknown"
    if stage in ("update", "api_update"):
        _update(case, folder)
        return None
    if stage == "api_validate_task":
        return parse_plugin(Task, _plugin(case, folder), options(case))
    if stage == "api_validate_trigger":
        return parse_trigger(_plugin(case, folder), options(case))
    if "flow_file" in case or "flow_source" in case:
        return parse_document(_document(case, folder, "flow_file"), options=options(case))
    model = OBJECTS.get(case.get("object_type", ""))
    assert model is not None, f"objects of the type {case.get('object_type')} are unknown"
    return _object(model, case["object"])


def _plugin(case: Case, folder: Path) -> Any:
    """A task or trigger alone: an object of the case, or JSON or YAML in a file."""
    if "object" in case:
        return case["object"]
    text = _text(case, folder, "json_file" if "json_file" in case else "flow_file")
    return json.loads(text) if text.lstrip().startswith("{") else compose_all(text)[0]


def _object(model: type[Model], document: Any) -> Model:
    reading = Reading(registry=registry(), root=document)
    built = read_model(model, document, reading)
    if built is None or reading.violations:
        raise FlowInvalid(reading.violations)
    return built


def _update(case: Case, folder: Path) -> None:
    old = (
        compose_all(case["previous_flow_source"])[0]
        if "previous_flow_source" in case
        else _document(case, folder, "previous_flow_file")
    )
    new = _document(case, folder, "flow_file")
    check_update(SimpleNamespace(**_names(old)), SimpleNamespace(**_names(new)))


def _names(document: Mapping[str, Any]) -> dict[str, str]:
    return {"id": document["id"], "namespace": document["namespace"]}


def _document(case: Case, folder: Path, name: str) -> Any:
    if name not in case:
        return compose_all(case["flow_source"])[0]
    return compose_all(_text(case, folder, name))[case.get("document_index", 0)]


def _text(case: Case, folder: Path, name: str) -> str:
    original = case[name]
    return (folder / case.get("files_local", {}).get(original, original)).read_text()


def _check(case: Case, outcome: Any) -> None:
    expect = case["expect"]
    invalid = outcome if isinstance(outcome, FlowInvalid) else None
    assert (invalid is None) == expect["valid"], invalid.message if invalid else "it was accepted"
    if invalid is not None:
        _check_refusal(expect, invalid)
    elif isinstance(outcome, ParsedFlow):
        _check_flow(case, outcome)


def _check_refusal(expect: Case, invalid: FlowInvalid) -> None:
    texts = expect.get("message_contains", ())
    for text in [texts] if isinstance(texts, str) else texts:
        assert text in invalid.message, f"{text!r} is not in {invalid.message!r}"
    if "message_equals" in expect:
        assert expect["message_equals"] in (invalid.message, invalid.violations[0].message), invalid.message
    if "path" in expect:
        paths = [violation.path for violation in invalid.violations]
        assert any(_place(path) == _place(expect["path"]) for path in paths), paths
    if "violation_count" in expect:
        assert _count(invalid) == expect["violation_count"], invalid.message


def _place(path: str) -> str:
    """A path, however the elements of its lists are told."""
    return re.sub(r"\[[^\]]*\]", "[]", path)


def _count(invalid: FlowInvalid) -> int:
    """Those about the flow as a whole count as one."""
    joined = [found for found in invalid.violations if found.message.startswith(JOINED)]
    return len(invalid.violations) - max(len(joined) - 1, 0)


def _check_flow(case: Case, parsed: ParsedFlow) -> None:
    report = case.get("report", {})
    if "deprecationPaths" in report:
        assert sorted(parsed.deprecations) == sorted(report["deprecationPaths"]), parsed.deprecations
    constraints = report.get("constraints")
    assert not constraints, f"it was accepted, not refused for {constraints}"
    if "warnings" in report:
        assert parsed.warnings == report["warnings"], parsed.warnings
    for warning in case["expect"].get("warnings", ()):
        assert warning in parsed.warnings, parsed.warnings
    for line in [*case["expect"].get("output_contains", ()), *report.get("output_contains", ())]:
        assert any(line in shown for shown in report_lines(parsed)), report_lines(parsed)
    if "serialized" in case:
        shown = parsed.flow.to_api()
        for key, value in json.loads(case["serialized"]).items():
            assert shown.get(key) == value, f"{key}: {shown.get(key)!r}"
    for path, expected in case.get("parsed", {}).items():
        _check_parsed(parsed, path, expected)


def _check_parsed(parsed: ParsedFlow, path: str, expected: Any) -> None:
    if path.endswith("_count"):
        assert len(getattr(parsed.flow, path.removesuffix("_count"))) == expected
        return
    name, _, index = path.partition("[")
    found: Any = parsed.flow.document[name]
    if index:
        found = found[int(index.rstrip("]"))]
    _check_subset(found, expected, path)


def _check_subset(found: Any, expected: Any, path: str) -> None:
    if not isinstance(expected, dict):
        assert found == expected, f"{path}: {found!r}"
        return
    for key, value in expected.items():
        if key.endswith("_seconds"):
            retry = Retry.model_validate(found)
            assert retry.interval is not None and retry.interval.total_seconds() == value
        else:
            _check_subset(found[key], value, f"{path}.{key}")
