"""What may not change between two revisions of a flow."""

from __future__ import annotations

from typing import Protocol

from control_plane.kernel.words.errors import Violation
from flows.model.errors import FlowInvalid


class Named(Protocol):
    """Anything with the names of a flow."""

    @property
    def id(self) -> str: ...

    @property
    def namespace(self) -> str: ...


def check_update(old: Named, new: Named) -> None:
    """Raises FlowInvalid when the new revision names another flow than the old one."""
    violations = []
    if old.id != new.id:
        violations.append(Violation("Illegal flow id update", path="flow.id", invalid_value=new.id))
    if old.namespace != new.namespace:
        message = "Illegal namespace update"
        violations.append(Violation(message, path="flow.namespace", invalid_value=new.namespace))
    if violations:
        raise FlowInvalid(violations)
