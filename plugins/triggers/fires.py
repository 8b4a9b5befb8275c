"""What it means that a trigger on the clock fires."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from control_plane.kernel.words.moments import format_moment


@dataclass(frozen=True, slots=True)
class Fire:
    """One moment at which a trigger starts an execution, with its neighbours."""

    date: datetime
    next: datetime | None = None
    previous: datetime | None = None

    def variables(self) -> dict[str, Any]:
        """`trigger` (and `schedule`) as expressions see it; a neighbour that does not exist is left out."""
        moments = {"date": self.date, "next": self.next, "previous": self.previous}
        return {name: format_moment(moment) for name, moment in moments.items() if moment is not None}


class Recovery(enum.StrEnum):
    """What becomes of the moments that passed while nobody looked: all are made up for, the last one, or none."""

    ALL = "ALL"
    LAST = "LAST"
    NONE = "NONE"
