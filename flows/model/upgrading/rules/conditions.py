"""Conditions of triggers as one expression under `when`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from flows.model.upgrading.found import Findings
from flows.model.upgrading.text import Edits, Map, Scalar, content_end, plain_or_quoted
from flows.model.upgrading.walk import canonical, triggers_of

NAME = "conditions"
FLOW_TRIGGER = "io.kestra.plugin.core.trigger.Flow"
_PREFIX = "io.kestra.plugin.core.condition."
_WHOLE = re.compile(r"\s*\{\{-?(?P<inside>(?:(?!\}\}|\{\{).)*?)-?\}\}\s*", re.DOTALL)


class CannotSay(Exception):
    """A condition has no expression that means the same."""


def apply(root: Map, edits: Edits, findings: Findings) -> None:
    for trigger in triggers_of(root):
        entry = trigger.entries.get("conditions")
        if entry is None or canonical(trigger.text("type") or "") == FLOW_TRIGGER:
            continue  # what a Flow trigger may look at under `when` is another execution than before
        line = entry.key.place.line
        try:
            whole = _joined([*_own_when(trigger), *_expressions(trigger)], "and")
        except CannotSay as reason:
            findings.leave(f"`conditions`: {reason}", line)
            continue
        written = f"when: {plain_or_quoted(f'{{{{ {whole} }}}}')}" if whole else ""
        _replace(trigger, edits, written)
        findings.changed("`conditions` are an expression under `when`", line)


def _own_when(trigger: Map) -> list[str]:
    own = trigger.text("when")
    return [] if own is None else [_inside(own)]


def _replace(trigger: Map, edits: Edits, written: str) -> None:
    """Put the expression where the conditions stood; one that was there before goes."""
    entry = trigger.entries["conditions"]
    if "when" in trigger.entries:
        when = trigger.value("when")
        assert isinstance(when, Scalar)
        edits.replace(when.place, written.removeprefix("when: "))
        edits.remove(entry, trigger)
    elif written:
        edits.replace_span(entry.key.place.start, content_end(entry.value), written)
    else:
        edits.remove(entry, trigger)


def _expressions(holder: Map) -> list[str]:
    found = []
    for item in holder.items("conditions"):
        if not isinstance(item, Map):
            raise CannotSay("one of them is no condition")
        type_name = canonical(item.text("type") or "")
        say = SAID.get(type_name)
        if say is None:
            raise CannotSay(f"{type_name} has no expression that means the same")
        found.append(say(item))
    return found


def _joined(parts: list[str], word: str) -> str:
    return parts[0] if len(parts) == 1 else f" {word} ".join(f"({part})" for part in parts)


def _inside(text: str) -> str:
    """What stands between the braces of a text that is one expression."""
    found = _WHOLE.fullmatch(text)
    if found is None:
        raise CannotSay(f"{json.dumps(text)} is more than one expression")
    return found["inside"].strip()


def _expression(condition: Map) -> str:
    return _inside(condition.text("expression") or "")


def _not(condition: Map) -> str:
    return f"not ({_joined(_expressions(condition), 'or')})"


def _or(condition: Map) -> str:
    return _joined(_expressions(condition), "or")


SAID: dict[str, Callable[[Map], str]] = {
    f"{_PREFIX}Expression": _expression,
    f"{_PREFIX}Not": _not,
    f"{_PREFIX}Or": _or,
}
