"""What a case may expect of a refusal."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any


def check_message(wanted: Any, message: str) -> None:
    """A refusal as a case expects it: any, or one with these words. Whose class it is cannot be compared."""
    if wanted is True:
        return
    given = {"contains": wanted} if isinstance(wanted, str) else wanted
    for name, text in given.items():
        holds = MESSAGE_CHECKS.get(name)
        assert holds is not None, f"the expectation {name} of an error is unknown"
        for part in text if isinstance(text, list) else [text]:
            assert holds(message, part), f"{message!r} is not {name} {part!r}"


MESSAGE_CHECKS: dict[str, Callable[[str, str], bool]] = {
    "kind": lambda message, kind: True,
    "status": lambda message, status: True,
    "contains": lambda message, part: part in message,
    "message": lambda message, part: part in message,
    "message_contains": lambda message, part: part in message,
    "equals": lambda message, text: message == text,
    "message_equals": lambda message, text: message == text,
    "starts_with": lambda message, text: message.startswith(text),
    "message_starts_with": lambda message, text: message.startswith(text),
    "ends_with": lambda message, text: message.endswith(text),
    "regex": lambda message, pattern: re.search(pattern, message) is not None,
}
