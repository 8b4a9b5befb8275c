"""Documents that come as maps and lists already, held to the limits of those that come as text."""

from __future__ import annotations

from typing import Any

from control_plane.kernel.words.errors import Violation
from flows.model.documents.limits import DocumentLimits
from flows.model.errors import FlowInvalid


def check_given(document: Any, limits: DocumentLimits) -> None:
    """Raises FlowInvalid when it is nested too deep, holds too much, or a text that nothing can store."""
    waiting: list[tuple[Any, int]] = [(document, 0)]
    nodes = 0
    while waiting:
        value, depth = waiting.pop()
        nodes += 1
        if isinstance(value, str):
            _check_text(value)
        elif isinstance(value, dict | list):
            if depth >= limits.depth:
                raise _refused(f"The document is nested deeper than {limits.depth} levels.")
            if nodes + len(waiting) + len(value) > limits.nodes:
                raise _refused(f"The document holds more than {limits.nodes} values; split it into smaller flows.")
            waiting += [(item, depth + 1) for item in (value.values() if isinstance(value, dict) else value)]
            if isinstance(value, dict):
                _check_keys(value)


def _check_keys(value: dict[Any, Any]) -> None:
    for key in value:
        if not isinstance(key, str):
            raise _refused("A key must be a text.")
        _check_text(key)


def _check_text(text: str) -> None:
    if "\0" in text:
        raise _refused("The document contains a NUL character; remove it.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise _refused("The document contains half of a surrogate pair, which no encoding can store.") from None


def _refused(message: str) -> FlowInvalid:
    return FlowInvalid([Violation(message)])
