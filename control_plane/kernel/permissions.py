"""What may be allowed: an action on a resource. Each app names its resources in its own `permissions.py`."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Permission:
    """One thing that may be allowed, written `FLOW.CREATE`."""

    resource: str
    action: str

    def __str__(self) -> str:
        return f"{self.resource}.{self.action}"


class Rule(enum.Enum):
    """What is asked for where no permission is: nothing, a known actor, or one who governs the instance."""

    PUBLIC = "public"
    AUTHENTICATED = "authenticated"
    SUPERADMIN = "superadmin"


PUBLIC = Rule.PUBLIC
AUTHENTICATED = Rule.AUTHENTICATED
SUPERADMIN = Rule.SUPERADMIN

Right = Permission | Rule


class Resource:
    """A kind of thing with its legal actions: `FLOW = Resource("FLOW", "VIEW LIST CREATE")`, then `FLOW.CREATE`."""

    registered: dict[str, Resource] = {}

    def __init__(self, name: str, actions: str | Iterable[str]) -> None:
        self.name = name
        self.actions = tuple(actions.split() if isinstance(actions, str) else actions)
        if name in Resource.registered:
            raise ValueError(f"resource {name} is named twice")
        Resource.registered[name] = self

    def __getattr__(self, action: str) -> Permission:
        if action.startswith("_") or action not in self.actions:
            raise AttributeError(f"{self.name} has no action {action}")
        return Permission(self.name, action)
