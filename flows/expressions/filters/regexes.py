"""Filters with regular expressions."""

from __future__ import annotations

from typing import Any

import re2

from flows.expressions.errors import ArgumentError
from flows.expressions.filters.arguments import text_argument
from flows.expressions.frame import Frame
from flows.expressions.regexes import charged, replaced
from flows.expressions.registry import Taint, filter_
from flows.expressions.taint import plain_text
from flows.expressions.text import text_of


@filter_("regexMatch", taint=Taint.DROPS)
def regex_match(frame: Frame, value: Any, regex: Any) -> bool:
    """Whether some part of the text matches. `{{ "hello world" | regexMatch("w[a-z]+") }}` = `true`"""
    if value is None:
        return False
    return _found(frame, value, regex) is not None


def _found(frame: Frame, value: Any, regex: Any) -> Any:
    text = plain_text(text_of(value, frame.run))
    return charged(frame.run, text_argument("regex", regex), text).search(text)


@filter_("regexReplace")
def regex_replace(frame: Frame, value: Any, regex: Any, replacement: Any) -> Any:
    r"""Every match replaced, `$1` is a group. `{{ "2024-01" | regexReplace("(\d+)-(\d+)", "$2/$1") }}` = `01/2024`"""
    if value is None:
        return None
    text = text_of(value, frame.run)
    return replaced(frame.run, text_argument("regex", regex), text_argument("replacement", replacement), text)


@filter_("regexExtract")
def regex_extract(frame: Frame, value: Any, regex: Any, group: Any = 0) -> Any:
    r"""The first match or a group of it, or null. `{{ "order-12345" | regexExtract("\d+") }}` = `12345`"""
    if value is None:
        return None
    match = _found(frame, value, regex)
    try:
        return match.group(group) if match is not None else None
    except (IndexError, re2.error, TypeError):
        raise ArgumentError("The regular expression has no such group") from None
