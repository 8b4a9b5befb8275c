"""Filters for the case, the ends and the length of texts."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from flows.expressions import utf16
from flows.expressions.errors import ArgumentError
from flows.expressions.filters.arguments import text_argument, whole_number
from flows.expressions.frame import Frame
from flows.expressions.registry import Taint, filter_
from flows.expressions.text import text_of

ELLIPSIS = "..."
WORD_START = re.compile(r"(^|\s)(\S)")


@filter_("lower")
def lower(frame: Frame, value: Any) -> Any:
    """All letters small. `{{ "LOUD" | lower }}` = `loud`"""
    return None if value is None else text_of(value, frame.run).lower()


@filter_("upper")
def upper(frame: Frame, value: Any) -> Any:
    """All letters capital. `{{ "quiet" | upper }}` = `QUIET`"""
    return None if value is None else frame.run.made_text(text_of(value, frame.run).upper())


@filter_("title")
def title(frame: Frame, value: Any) -> Any:
    """The first letter of each word capital. `{{ "article title" | title }}` = `Article Title`"""
    if value is None:
        return None
    text = text_of(value, frame.run)
    frame.run.work_through(len(text))
    return WORD_START.sub(lambda match: match.group(1) + titled(match.group(2)), text)


def titled(letter: str) -> str:
    """The letter as the first of a word; one that would become two letters stays."""
    changed = letter.title()
    return changed if len(changed) == 1 else letter


@filter_("capitalize")
def capitalize(frame: Frame, value: Any) -> Any:
    """The first letter capital, the rest as it is. `{{ "hello world" | capitalize }}` = `Hello world`"""
    if value is None:
        return None
    text = text_of(value, frame.run)
    start = len(text) - len(text.lstrip())
    return text[:start] + titled(text[start : start + 1]) + text[start + 1 :]


@filter_("trim")
def trim(frame: Frame, value: Any) -> Any:
    """Without white space at both ends. `{{ "  padded " | trim }}` = `padded`"""
    return None if value is None else text_of(value, frame.run).strip()


@filter_("string")
def string(frame: Frame, value: Any) -> Any:
    """The value as text. `{{ 42 | string | length }}` = `2`"""
    return text_of(value, frame.run)


@filter_("abbreviate")
def abbreviate(frame: Frame, value: Any, length: Any) -> Any:
    """Shorter than that, or cut to it, dots included. `{{ "this is a long sentence." | abbreviate(7) }}` = `this...`"""
    if value is None:
        return None
    text, width = text_of(value, frame.run), whole_number("length", length)
    if width < 0:
        raise ArgumentError("`abbreviate` needs a length of 0 or more")
    size = utf16.length(text)
    if size < width or size <= len(ELLIPSIS):
        return text
    return utf16.sliced(text, 0, width) if width <= len(ELLIPSIS) else utf16.sliced(text, 0, width - 3) + ELLIPSIS


@filter_("slugify")
def slugify(frame: Frame, value: Any) -> Any:
    """Small letters, digits and single dashes. `{{ "Hello World!" | slugify }}` = `hello-world`"""
    if value is None:
        return None
    text = text_of(value, frame.run)
    frame.run.work_through(len(text))
    text = unicodedata.normalize("NFD", re.sub(r"[\s_]", "-", text))
    return re.sub(r"-{2,}", "-", re.sub(r"[^A-Za-z0-9-]", "", text)).strip("-").lower()


@filter_("startsWith", taint=Taint.DROPS)
def starts_with(frame: Frame, value: Any, text: Any) -> bool:
    """Whether the text begins so. `{{ "kestra://file.csv" | startsWith("kestra://") }}` = `true`"""
    return value is not None and text_of(value, frame.run).startswith(text_argument("value", text))


@filter_("endsWith", taint=Taint.DROPS)
def ends_with(frame: Frame, value: Any, text: Any) -> bool:
    """Whether the text ends so. `{{ "report.csv" | endsWith(".csv") }}` = `true`"""
    return value is not None and text_of(value, frame.run).endswith(text_argument("value", text))
