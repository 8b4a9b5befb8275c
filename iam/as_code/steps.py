"""One change that a document asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from control_plane.kernel.actor import Context
from control_plane.kernel.permissions import Permission

Action = Literal["CREATE", "UPDATE", "DELETE"]


@dataclass
class Step:
    """One change: what is shown of it, the right it asks for, and how it is done."""

    action: Action
    kind: str
    name: str
    right: Permission
    run: Callable[[Context], None]
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None

    @property
    def shape(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"action": self.action, "kind": self.kind, "name": self.name}
        return {**shown, **{key: value for key, value in (("before", self.before), ("after", self.after)) if value}}
