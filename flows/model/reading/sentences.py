"""What pydantic says, in sentences an author can act on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from flows.model.documents.scalars import canonical
from flows.model.reading.suggestions import did_you_mean

_LONGEST = 80
_NEVER_EMPTY = (("id",), ("namespace",))


EMPTY = "must not be empty"
NO_TASKS = "The 'tasks' property cannot be empty"
"""Of a flowable."""


def complaints(error: ValidationError) -> Iterator[tuple[tuple[str | int, ...], str, Any]]:
    """Each problem as (location, sentence, offending value)."""
    for detail in error.errors(include_url=False):
        yield detail["loc"], sentence_for(detail), detail.get("input")


def sentence_for(detail: Mapping[str, Any]) -> str:
    """The sentence of one pydantic error."""
    kind = detail["type"]
    write = _WORDING.get(kind)
    if write is not None:
        return write(detail)
    if kind.endswith("_type"):
        return f"must be {_EXPECTED.get(kind, 'of another kind')}, but is {shown(detail['input'])}"
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    return f"{str(detail['msg'])[:1].lower()}{str(detail['msg'])[1:]}, but is {shown(detail.get('input'))}"


def shown(value: Any) -> str:
    """A value as it is quoted in a sentence: short, and a container by its kind alone."""
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None:
        return "null"
    text = canonical(value)
    return f"`{text[:_LONGEST]}…`" if len(text) > _LONGEST else f"`{text}`"


def _choice(detail: Mapping[str, Any]) -> str:
    expected = str(detail["ctx"]["expected"])
    known = [word.strip("' ") for word in expected.replace(" or ", ",").split(",")]
    hint = did_you_mean(str(detail["input"]), known)
    return f"must be one of {', '.join(known)}, but is {shown(detail['input'])}{hint}"


def _pattern(detail: Mapping[str, Any]) -> str:
    pattern = detail["ctx"]["pattern"].removesuffix("$")
    if detail["loc"][-1:] == ("namespace",) and not re.fullmatch(_NAMESPACE, str(detail["input"])):
        pattern = _NAMESPACE  # what breaks the rule of the reference is told in its words; ours asks for more
    return f'must match "{pattern}"'


_NAMESPACE = r"^[a-z0-9][a-z0-9._-]*"


def _longest(detail: Mapping[str, Any]) -> str:
    least = 1 if detail["loc"][-1:] in _NEVER_EMPTY else 0
    return f"size must be between {least} and {detail['ctx']['max_length']}"


def _bound(words: str, key: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda detail: f"must be {words} {detail['ctx'][key]}"


def _said(words: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda detail: f"must be {words}, but is {shown(detail['input'])}"


_WORDING: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda detail: "must not be null",
    "too_short": lambda detail: EMPTY,
    "string_too_short": lambda detail: EMPTY,
    "string_too_long": _longest,
    "too_long": _longest,
    "string_pattern_mismatch": _pattern,
    "literal_error": _choice,
    "enum": _choice,
    "extra_forbidden": lambda detail: f'Unrecognized field "{detail["loc"][-1]}"',
    "int_parsing": _said("a whole number"),
    "int_from_float": _said("a whole number"),
    "int_parsing_size": _said("a whole number of fewer digits"),
    "float_parsing": _said("a number"),
    "bool_parsing": _said("`true` or `false`"),
    "greater_than_equal": _bound("greater than or equal to", "ge"),
    "greater_than": _bound("greater than", "gt"),
    "less_than_equal": _bound("less than or equal to", "le"),
    "less_than": _bound("less than", "lt"),
}
_EXPECTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "`true` or `false`",
    "list_type": "a list",
    "dict_type": "a map",
    "model_type": "a map",
    "model_attributes_type": "a map",
    "time_delta_type": "a duration like `PT5M`",
    "datetime_type": "a date with time",
    "date_type": "a date",
    "time_type": "a time",
}
