"""A flow of an older generation rewritten in the forms of the present one, with its comments and everything else."""

from __future__ import annotations

import difflib
import re

from flows.model.defaults import NO_DEFAULTS, Defaults
from flows.model.documents.compose import compose
from flows.model.errors import FlowInvalid
from flows.model.parse import STANDARD, DefaultsOf, ParsedFlow, ParseOptions, parse_flow
from flows.model.upgrading.found import Findings, Note, Upgraded
from flows.model.upgrading.rules.listed import RULES
from flows.model.upgrading.rules.rule import Rule
from flows.model.upgrading.text import Edits, Map, read

MOST_ROUNDS = 50
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")


def upgrade(
    source: str, *, defaults: Defaults | DefaultsOf = NO_DEFAULTS, options: ParseOptions = STANDARD
) -> Upgraded:
    """Rewrite what has a newer form and say what has none.

    What a rule cannot say in the same meaning stays as it is. Raises FlowInvalid when the text is no valid flow.
    """
    parse_flow(source, defaults=defaults, options=options)
    text = source
    told = Upgraded(source)
    for rule in RULES:
        for _ in range(MOST_ROUNDS):
            findings = Findings(rule.NAME)
            new = _applied(text, rule, findings)
            told.changes.extend(findings.changes)
            told.cautions.extend(findings.cautions)
            if new == text:
                told.left.extend(findings.left)
                break
            text = new
    try:
        parsed = parse_flow(text, defaults=defaults, options=options)
    except FlowInvalid as invalid:
        return _whole(source, invalid)
    return _with_what_is_old(text, told, parsed)


def _applied(text: str, rule: Rule, findings: Findings) -> str:
    root = read(text)
    if not isinstance(root, Map):
        return text
    edits = Edits(text)
    rule.apply(root, edits, findings)
    return edits.result()


def _whole(source: str, invalid: FlowInvalid) -> Upgraded:
    """A result that is no valid flow is none: the text stays as it was."""
    line = invalid.violations[0].line or 1
    return Upgraded(source, left=[Note(f"it cannot be rewritten as a whole: {invalid.message}", line)])


def _with_what_is_old(text: str, told: Upgraded, parsed: ParsedFlow) -> Upgraded:
    known = {note.line for note in told.left}
    more = [note for note in _old_still(text, parsed) if note.line not in known]
    return Upgraded(text, told.changes, told.cautions, sorted([*told.left, *more], key=lambda note: note.line))


def _old_still(text: str, parsed: ParsedFlow) -> list[Note]:
    root = compose(text)
    return [
        Note(f"`{path}` is old and has no newer form that means the same", _line(root, path))
        for path in parsed.deprecations
    ]


def _line(root: object, path: str) -> int:
    """The line of `tasks[1].values`."""
    node, line = root, 1
    for found in _STEP.finditer(path):
        key: str | int = int(found[2]) if found[2] is not None else found[1]
        spots = getattr(node, "spots", None)
        try:
            line = spots[key].line if spots is not None else line
            node = node[key]  # type: ignore[index] # a map or list as far as the path goes
        except (KeyError, IndexError, TypeError):
            break
    return line


def difference(before: str, after: str, name: str = "flow.yaml") -> str:
    """What an upgrade changes, as a unified diff; empty when it changes nothing."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"{name} (old)", f"{name} (new)"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
