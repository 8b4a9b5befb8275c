"""Filters that move blocks of text to the right."""

from __future__ import annotations

import re
from typing import Any

from flows.expressions.errors import ArgumentError
from flows.expressions.filters.arguments import text_argument, whole_number
from flows.expressions.frame import Frame
from flows.expressions.registry import filter_
from flows.expressions.text import text_of

NEWLINE = re.compile(r"\r\n|\n|\r")
MAX_AMOUNT = 1000


@filter_("indent")
def indent(frame: Frame, value: Any, amount: Any, prefix: Any = " ") -> Any:
    """Every line but the first moved to the right. `{{ "a\n" ~ "b" | indent(2) }}` = `a\n  b`"""
    return None if value is None else _indented(frame, text_of(value, frame.run), amount, prefix)


@filter_("nindent")
def nindent(frame: Frame, value: Any, amount: Any, prefix: Any = " ") -> Any:
    """A new line, then every line moved to the right. `{{ "a" | nindent(2) }}` = `\n  a`"""
    if value is None:
        return None
    text = text_of(value, frame.run)
    found = NEWLINE.search(text)
    return _indented(frame, (found.group() if found else "\n") + text, amount, prefix) if text else ""


def _indented(frame: Frame, text: str, amount: Any, prefix: Any) -> str:
    width = whole_number("amount", amount)
    if not 0 <= width <= MAX_AMOUNT:
        raise ArgumentError(f"The argument `amount` must lie between 0 and {MAX_AMOUNT}")
    frame.run.room_for(len(text_argument("prefix", prefix)) * width)
    margin = prefix * width
    newlines = text.count("\n") + text.count("\r")
    frame.run.step(1 + newlines)
    frame.run.room_for(len(text) + len(margin) * (newlines + 1))
    return frame.run.made_text(NEWLINE.sub(lambda match: match.group() + margin, text))
