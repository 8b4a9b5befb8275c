"""How much processor time something takes, told apart from what a busy machine adds to it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

TRIES = 3
SLOWER = 1.0 if sys.gettrace() is None else 5.0
"""Measuring coverage takes its own time."""


def takes_less_than(seconds: float, work: Callable[[], object]) -> bool:
    """Whether one of a few tries stays below: neighbours on the same core only ever add to what is measured."""
    return any(_seconds(work) < seconds * SLOWER for _ in range(TRIES))


def _seconds(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began
