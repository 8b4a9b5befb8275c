"""What a rule is: a name, and a function that edits a text and tells what it did."""

from __future__ import annotations

from typing import Protocol

from flows.model.upgrading.found import Findings
from flows.model.upgrading.text import Edits, Map


class Rule(Protocol):
    """One old form and its newer one. Applied again until it changes nothing more; then what it leaves is told."""

    NAME: str

    def apply(self, root: Map, edits: Edits, findings: Findings) -> None: ...
