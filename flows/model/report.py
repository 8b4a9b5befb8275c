"""What a validation tells: for the API and for people at a terminal."""

from __future__ import annotations

from typing import Any

from flows.model.errors import FlowInvalid
from flows.model.parse import ParsedFlow


def report(outcome: ParsedFlow | FlowInvalid) -> dict[str, Any]:
    """`constraints` only when it is invalid, a line for each problem; the rest only when it is valid."""
    if isinstance(outcome, FlowInvalid):
        return {
            "constraints": outcome.message,
            "violations": [
                {"message": found.message, "path": found.path, "line": found.line, "column": found.column}
                for found in outcome.violations
            ],
        }
    return {
        "namespace": outcome.flow.namespace,
        "flow": outcome.flow.id,
        "deprecationPaths": outcome.deprecations,
        "warnings": outcome.warnings,
        "infos": outcome.replacements,
    }


def report_lines(outcome: ParsedFlow | FlowInvalid, name: str = "") -> list[str]:
    """The same as lines of text; `name` stands for a document that does not say its own."""
    if isinstance(outcome, FlowInvalid):
        lines = [_problem_line(found.line, found.path, found.message) for found in outcome.violations]
        return [f"✘ - {name}".rstrip(" -"), *lines]
    flow = outcome.flow
    return [
        f"✓ - {flow.namespace} / {flow.id}",
        *(f"⚠ - {path} is deprecated" for path in outcome.deprecations),
        *(f"⚠ - {warning}" for warning in outcome.warnings),
        *(f"ℹ - {replacement}" for replacement in outcome.replacements),
    ]


def _problem_line(line: int | None, path: str, message: str) -> str:
    place = f"line {line}: " if line is not None else ""
    return f"  {place}{path}: {message}" if path else f"  {place}{message}"
