"""Which kill switch decides about an execution: the narrowest that covers it; of two alike, the stricter."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


class Evaluation(enum.StrEnum):
    """What becomes of what a switch covers, the strictest first.

    KILL stops what runs and what would begin. CANCEL lets what a worker has in hand end, and begins nothing. IGNORE
    holds: nothing of it moves until the switch is lifted. PASS lets through what a wider switch would stop.
    """

    KILL = "KILL"
    CANCEL = "CANCEL"
    IGNORE = "IGNORE"
    PASS = "PASS"  # a word of the contract, no password


_STRICTEST = {each: rank for rank, each in enumerate(reversed(Evaluation))}


@dataclass(frozen=True, slots=True)
class Switch:
    """A switch that is enabled, as it is compared with executions. Empty parts of the scope are wide."""

    id: str
    name: str
    evaluation: Evaluation
    start: datetime
    end: datetime | None = None
    tenant: str = ""
    namespace: str = ""
    flow_id: str = ""
    execution_ids: frozenset[str] = frozenset()
    description: str = ""

    def holds_at(self, at: datetime) -> bool:
        return self.start <= at and (self.end is None or at < self.end)

    def covers(self, tenant: str, namespace: str, flow_id: str, execution_id: str) -> bool:
        if self.tenant and self.tenant != tenant:
            return False
        if self.namespace and namespace != self.namespace and not namespace.startswith(f"{self.namespace}."):
            return False
        if self.flow_id and (flow_id != self.flow_id or namespace != self.namespace):
            return False
        return not self.execution_ids or execution_id in self.execution_ids

    @property
    def weight(self) -> tuple[bool, bool, int, bool, int]:
        """What makes it decide before another one: how narrow it is, then how strict."""
        depth = len(self.namespace.split(".")) if self.namespace else 0
        return bool(self.execution_ids), bool(self.flow_id), depth, bool(self.tenant), _STRICTEST[self.evaluation]


def decisive(
    switches: Iterable[Switch], at: datetime, *, tenant: str, namespace: str, flow_id: str, execution_id: str
) -> Switch | None:
    """The switch that decides about an execution now, if any; one that lets it pass is told too."""
    covering = (
        each for each in switches if each.holds_at(at) and each.covers(tenant, namespace, flow_id, execution_id)
    )
    return max(covering, key=lambda each: each.weight, default=None)
