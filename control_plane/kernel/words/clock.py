"""The time now, and how it is written."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """UTC with a `Z`, and as many digits of the second as are needed, in groups of three: none at a round second."""
    return f"{moment.astimezone(UTC).isoformat(timespec=digits_of(moment))[:-6]}Z"


def digits_of(moment: datetime) -> str:
    """How fine a time must be written, as `isoformat` calls it."""
    if moment.microsecond == 0:
        return "seconds"
    return "microseconds" if moment.microsecond % 1000 else "milliseconds"


def iso_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)


def parse_iso(text: str) -> datetime:
    """A date with or without a time and an offset; UTC where none is given. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
