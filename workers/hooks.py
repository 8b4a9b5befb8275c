"""What may keep the fleet from taking jobs, said by rooms above it."""

from __future__ import annotations

from collections.abc import Callable


class ClaimGate:
    """Open unless a rule closes it: then nothing new is handed out, and what workers have in hand goes on."""

    def __init__(self) -> None:
        self._rules: list[Callable[[], bool]] = []

    def closed_when(self, rule: Callable[[], bool]) -> None:
        if rule not in self._rules:
            self._rules.append(rule)

    @property
    def is_open(self) -> bool:
        return not any(rule() for rule in self._rules)


claim_gate = ClaimGate()
