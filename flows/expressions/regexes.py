"""Regular expressions that cannot run away: time is linear in the text, whatever the pattern."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import Any

import re2

from flows.expressions import utf16
from flows.expressions.errors import ArgumentError, EvaluationError
from flows.expressions.limits import Run
from flows.expressions.taint import plain_text

MAX_PATTERN = 4096
MAX_MEMORY = 1 << 20
STATES_PER_STEP = 512
REFERENCE = re.compile(r"\\(.)|\$(\d)|\$\{(\w+)\}", re.DOTALL)

_options = re2.Options()
_options.log_errors = False
_options.max_mem = MAX_MEMORY


def compiled(pattern: str) -> Any:
    """The pattern, ready to use; look-around and back references are not part of the dialect."""
    if len(pattern) > MAX_PATTERN:
        raise ArgumentError(f"A regular expression has at most {MAX_PATTERN} characters")
    return _compiled(plain_text(pattern))


def charged(run: Run, pattern: str, text: str) -> Any:
    """The pattern, ready to use, once looking through the text is paid for: time grows with the size of both."""
    expression = compiled(pattern)
    run.step(1 + len(text) * expression.programsize // STATES_PER_STEP)
    return expression


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> Any:
    try:
        return re2.compile(pattern, options=_options)
    except re2.error as error:
        reason = error.args[0] if error.args else "it cannot be read"
        shown = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise ArgumentError(f"The regular expression `{pattern[:80]}` is not valid: {shown}") from None
    except UnicodeError:
        raise ArgumentError("The regular expression is not valid text") from None


def replaced(run: Run, pattern: str, replacement: str, text: str, *, most: int | None = None) -> str:
    """Every match replaced, or the first so many; `$1` and `${name}` in the replacement stand for groups."""
    parts = _replacement(plain_text(replacement))
    pieces: list[str] = []
    position = total = 0
    for match in islice(charged(run, pattern, text).finditer(plain_text(text)), most):
        pieces.append(text[position : match.start()])
        pieces += [part if isinstance(part, str) else _group(match, part[0]) for part in parts]
        total += sum(map(len, pieces[-len(parts) - 1 :]))
        run.step()
        run.room_for(total)
        position = match.end()
    return run.made_text("".join([*pieces, text[position:]]))


def _replacement(text: str) -> list[str | tuple[int | str]]:
    parts: list[str | tuple[int | str]] = []
    position = 0
    for match in REFERENCE.finditer(text):
        escaped, number, name = match.groups()
        parts += [text[position : match.start()], escaped or ((int(number),) if number else (name,))]
        position = match.end()
    return [*parts, text[position:]]


def _group(match: Any, group: int | str) -> str:
    try:
        return match.group(group) or ""
    except (IndexError, KeyError, re2.error):
        raise EvaluationError(f"The regular expression has no group {group}") from None


def split(run: Run, pattern: str, text: str, limit: int) -> list[str]:
    """Split as Java does: a positive limit bounds the parts, zero drops empty parts at the end."""
    if not pattern and limit <= 0:
        run.room_for_items(len(text))
        return utf16.units(text) or [text]
    parts: list[str] = []
    position = 0
    for match in charged(run, pattern, text).finditer(plain_text(text)):
        if len(parts) + 1 == limit:
            break
        if match.end() == 0 or (match.start() == match.end() == len(text)):
            continue
        parts.append(text[position : match.start()])
        position = match.end()
        run.room_for_items(len(parts))
    parts.append(text[position:])
    while limit == 0 and len(parts) > 1 and not parts[-1]:
        parts.pop()
    return parts
