"""Work that is left to be done once a job's scope has committed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Later:
    """What may take long, or must not be done unless the entry that tells of it is kept."""

    work: Callable[[], Any]
