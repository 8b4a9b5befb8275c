"""Filters that cut, replace and escape parts of texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.expressions.errors import ArgumentError
from flows.expressions.filters.arguments import text_argument
from flows.expressions.frame import Frame
from flows.expressions.regexes import replaced as replaced_by_regex
from flows.expressions.registry import filter_
from flows.expressions.text import text_of

ESCAPES = {"single": ("'", "\\'"), "double": ('"', '\\"'), "shell": ("'", "'\\''")}


@filter_("substringBefore")
def substring_before(frame: Frame, value: Any, separator: Any) -> Any:
    """What stands before the first separator. `{{ "a.b.c" | substringBefore(".") }}` = `a`"""
    if value is None:
        return None
    between = text_argument("separator", separator)
    return text_of(value, frame.run).partition(between)[0] if between else ""


@filter_("substringBeforeLast")
def substring_before_last(frame: Frame, value: Any, separator: Any) -> Any:
    """What stands before the last separator. `{{ "a.b.c" | substringBeforeLast(".") }}` = `a.b`"""
    if value is None:
        return None
    text = text_of(value, frame.run)
    between = text_argument("separator", separator)
    before, found, _ = text.rpartition(between) if between else ("", "", "")
    return before if found else text


@filter_("substringAfter")
def substring_after(frame: Frame, value: Any, separator: Any) -> Any:
    """What stands after the first separator. `{{ "a.b.c" | substringAfter(".") }}` = `b.c`"""
    if value is None:
        return None
    text, between = text_of(value, frame.run), text_argument("separator", separator)
    return text.partition(between)[2] if between else text


@filter_("substringAfterLast")
def substring_after_last(frame: Frame, value: Any, separator: Any) -> Any:
    """What stands after the last separator. `{{ "a.b.c" | substringAfterLast(".") }}` = `c`"""
    if value is None:
        return None
    between = text_argument("separator", separator)
    _, found, after = text_of(value, frame.run).rpartition(between) if between else ("", "", "")
    return after if found else ""


@filter_("replace")
def replace(frame: Frame, value: Any, replace_pairs: Any, regexp: Any = False) -> Any:
    """Each key replaced by its value, in order. `{{ "a-b" | replace({"-": "+"}) }}` = `a+b`"""
    if value is None:
        return None
    if not isinstance(replace_pairs, Mapping):
        raise ArgumentError("The argument `replacePairs` must be a map")
    text = text_of(value, frame.run)
    for key, new in replace_pairs.items():
        old, by = text_of(key, frame.run), text_of(new, frame.run)
        text = replaced_by_regex(frame.run, old, by, text) if regexp is True else _replaced(frame, text, old, by)
    return text


def _replaced(frame: Frame, text: str, old: str, new: str) -> str:
    frame.run.step(1 + len(text) // 1024)
    frame.run.room_for(len(text) + text.count(old) * (len(new) - len(old)))
    return frame.run.made_text(text.replace(old, new))


@filter_("escapeChar")
def escape_char(frame: Frame, value: Any, type: Any) -> Any:
    r"""Quotes made harmless: `single`, `double` or `shell`. `{{ "it's" | escapeChar('single') }}` = `it\'s`"""
    if type not in ESCAPES:
        raise ArgumentError("The argument `type` must be one of 'single', 'double', 'shell'")
    return None if value is None else _replaced(frame, text_of(value, frame.run), *ESCAPES[type])
