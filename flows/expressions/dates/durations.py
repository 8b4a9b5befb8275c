"""Read ISO 8601 durations such as `PT1H30M`."""

from __future__ import annotations

import re
from datetime import timedelta

from flows.expressions.errors import EvaluationError

DURATION = re.compile(
    r"(?P<sign>[-+])?P(?:(?P<weeks>[-+]?\d{1,9})W)?(?:(?P<days>[-+]?\d{1,9})D)?"
    r"(?:T(?:(?P<hours>[-+]?\d{1,12})H)?(?:(?P<minutes>[-+]?\d{1,12})M)?(?:(?P<seconds>[-+]?\d{1,12}(?:[.,]\d{1,9})?)S)?)?",
    re.IGNORECASE,
)


def read_duration(text: str) -> timedelta:
    """Raises `EvaluationError`; years and months have no fixed length and are refused."""
    match = DURATION.fullmatch(text.strip())
    parts = {} if match is None else {name: value for name, value in match.groupdict().items() if value}
    sign = parts.pop("sign", "+")
    if not parts or text.strip()[-1:] in "Tt":
        raise EvaluationError(f"`{text[:40]}` is not a duration such as PT1H30M")
    try:
        duration = timedelta(**{name: float(value.replace(",", ".")) for name, value in parts.items()})
    except OverflowError:
        raise EvaluationError(f"The duration `{text[:40]}` is too long") from None
    return -duration if sign == "-" else duration
