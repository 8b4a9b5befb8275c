"""What else a value must be, once it is of its type: within bounds, like a pattern, one of some values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import re2

from control_plane.kernel.words.durations import format_duration
from flows.model.inputs.convert import Unfit, as_text
from flows.model.inputs.definitions import (
    DurationInput,
    EnumInput,
    FloatInput,
    Input,
    IntInput,
    MultiselectInput,
    SecretInput,
    SelectInput,
    StringInput,
    TemporalInput,
    quiet_patterns,
)


def validate(definition: Input, value: Any, given: Any, choices: Sequence[str] | None = None) -> None:
    """Raises Unfit when the value breaks a rule of its definition. `given` is what it was converted from.

    `choices` are the values of a SELECT or MULTISELECT once its expression is rendered.
    """
    if isinstance(definition, StringInput | SecretInput):
        _like_pattern(definition.validator, as_text(given))
    elif isinstance(definition, IntInput | FloatInput):
        _between(value, definition.min, definition.max, "it must be", as_text)
    elif isinstance(definition, DurationInput):
        _between(timedelta(seconds=value), definition.min, definition.max, "It must be", _duration_text)
    elif isinstance(definition, TemporalInput):
        _in_time(value, definition.after, definition.before, type(definition).READ)
    elif isinstance(definition, EnumInput):
        _one_of(value, definition.values)
    elif isinstance(definition, SelectInput) and choices is not None and not definition.allow_custom_value:
        _one_of(value, choices)
    elif isinstance(definition, MultiselectInput) and choices is not None and not definition.allow_custom_value:
        _all_of(value, choices)


def _like_pattern(pattern: str | None, text: str) -> None:
    if pattern is not None and re2.compile(pattern, options=quiet_patterns()).fullmatch(text) is None:
        raise Unfit(f"it must match the pattern `{pattern}`")


def _between(value: Any, low: Any, high: Any, words: str, show: Callable[[Any], str]) -> None:
    if low is not None and value < low:
        raise Unfit(f"{words} more than `{show(low)}`")
    if high is not None and value > high:
        raise Unfit(f"{words} less than `{show(high)}`")


def _duration_text(value: timedelta) -> str:
    return format_duration(value)


def _in_time(value: str, after: str | None, before: str | None, read: Callable[[str], Any]) -> None:
    moment = read(value)
    if after is not None and moment < read(after):
        raise Unfit(f"it must be after `{after}`")
    if before is not None and moment > read(before):
        raise Unfit(f"it must be before `{before}`")


def _one_of(value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise Unfit(f"it must match the values `[{', '.join(choices)}]`")


def _all_of(items: Sequence[Any], choices: Sequence[str]) -> None:
    for item in map(as_text, items):
        if item not in choices:
            raise Unfit(f"value `{item}` doesn't match the values `[{', '.join(choices)}]`")
