"""The names of the Java classes that hold values of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from flows.expressions.dates.spelling import is_instant, is_offset
from flows.expressions.numbers import is_number, java_class
from flows.expressions.typed import Char

_CLASSES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "java.lang.Boolean"),
    (Char, "java.lang.Character"),
    (str, "java.lang.String"),
    (Mapping, "java.util.LinkedHashMap"),
    ((list, tuple), "java.util.ArrayList"),
    ((set, frozenset), "java.util.LinkedHashSet"),
    (UUID, "java.util.UUID"),
    (bytes, "[B"),
    (time, "java.time.LocalTime"),
    (timedelta, "java.time.Duration"),
)


def class_of(value: Any) -> str:
    """The class of a value that is not null."""
    if is_number(value):
        return java_class(value)
    if isinstance(value, datetime):
        return f"java.time.{_kind_of_moment(value)}"
    if isinstance(value, date):
        return "java.time.LocalDate"
    return next((name for kind, name in _CLASSES if isinstance(value, kind)), "java.lang.Object")


def _kind_of_moment(moment: datetime) -> str:
    if moment.tzinfo is None:
        return "LocalDateTime"
    if is_instant(moment):
        return "Instant"
    return "OffsetDateTime" if is_offset(moment) else "ZonedDateTime"
