"""What is wrong with flows, tasks and triggers that are not saved yet, as editors ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from control_plane.kernel.words.errors import Violation
from flows.exchange.documents import read_documents
from flows.model.errors import FlowInvalid
from flows.model.flow import Flow as FlowDocument
from flows.model.parse import DefaultsOf, ParsedFlow, parse_task, parse_trigger
from flows.models import Flow

ToldOf = Callable[[FlowDocument], tuple[list[Violation], list[str]]]
"""What forbids to save a flow, and what its author should know: as far as whoever asks may be told."""


def validate_flows(source: str, defaults: DefaultsOf, told_of: ToldOf = lambda flow: ([], [])) -> list[dict[str, Any]]:
    """One report for each document of the text, in its order. A report without `constraints` is about a valid flow."""
    reports = [_report(index, outcome, told_of) for index, (_, outcome) in enumerate(read_documents(source, defaults))]
    return reports or [{"index": 0, "constraints": "The document is empty.", **_nothing_to_say()}]


def validate_part(kind: str, source: Any) -> dict[str, Any]:
    """The same for one task (`TASKS`) or trigger (`TRIGGERS`) alone."""
    try:
        (parse_trigger if kind == "TRIGGERS" else parse_task)(source)
    except FlowInvalid as invalid:
        return {"index": 0, **_constraints(invalid), **_nothing_to_say()}
    return {"index": 0, **_nothing_to_say()}


def _report(index: int, outcome: ParsedFlow | FlowInvalid, told_of: ToldOf) -> dict[str, Any]:
    if isinstance(outcome, FlowInvalid):
        return {"index": index, **_constraints(outcome), **_nothing_to_say()}
    flow = outcome.flow
    refused, warned = told_of(flow)
    kept = Flow.objects.filter(namespace=flow.namespace, flow_id=flow.id, is_deleted=False).first()
    return {
        "index": index,
        "namespace": flow.namespace,
        "flow": flow.id,
        "outdated": bool(kept and flow.revision is not None and flow.revision < kept.revision),
        "deprecationPaths": outcome.deprecations,
        "warnings": [*outcome.warnings, *warned],
        "infos": outcome.replacements,
        **(_constraints(FlowInvalid(refused)) if refused else {}),
    }


def _nothing_to_say() -> dict[str, Any]:
    return {"outdated": False, "deprecationPaths": [], "warnings": [], "infos": []}


def _constraints(invalid: FlowInvalid) -> dict[str, Any]:
    """`constraints` is the sentence clients look at; `violations` adds where each one stands."""
    return {"constraints": invalid.message, "violations": [_violation(each) for each in invalid.violations]}


def _violation(violation: Violation) -> dict[str, Any]:
    shown = {
        "message": violation.message,
        "path": violation.path,
        "line": violation.line,
        "column": violation.column,
    }
    return {key: value for key, value in shown.items() if value is not None}
