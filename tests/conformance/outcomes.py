"""What playing a case came to, and the cases that are played but do not count."""

from __future__ import annotations

import signal
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

SUPERSEDED = Path(__file__).with_name("superseded.toml")
OWN_DIFFERENCES = Path(__file__).with_name("own_differences.toml")
MOST_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Outcome:
    """`problems` decide whether a case passes; `words` are texts that differ; `aside` says why it does not count."""

    problems: Sequence[str] = field(default_factory=list)
    words: Sequence[str] = field(default_factory=list)
    aside: str | None = None

    @property
    def is_passed(self) -> bool:
        return not self.problems

    def beside(self, reason: str | None) -> Outcome:
        return replace(self, aside=reason or self.aside)


@cache
def listed(path: Path) -> Mapping[str, str]:
    """Cases by id with their reason, and the measured case that wins over an older one."""
    found: dict[str, str] = {}
    for entry in tomllib.loads(path.read_text()).get("case", ()):
        measured = f" (measured: {entry['measured']})" if "measured" in entry else ""
        for case_id in entry["ids"]:
            if case_id in found:
                raise ValueError(f"{path.name} lists {case_id} twice")
            found[case_id] = entry["reason"] + measured
    return found


class TookTooLong(Exception):
    """A case did not come to an end."""


@contextmanager
def no_longer_than(seconds: int) -> Iterator[None]:
    """Break off what takes longer. In the main thread alone."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise TookTooLong(f"not over after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


Case = Mapping[str, Any]
