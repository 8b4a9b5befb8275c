"""What may not change between two revisions of a flow."""

from __future__ import annotations

from control_plane.kernel.words.errors import Violation
from flows.model.errors import FlowInvalid
from flows.model.flow import Flow


def check_update(old: Flow, new: Flow) -> None:
    """Raises FlowInvalid when the new revision names another flow than the old one."""
    violations = []
    if old.id != new.id:
        violations.append(Violation("Illegal flow id update", path="flow.id", invalid_value=new.id))
    if old.namespace != new.namespace:
        message = "Illegal namespace update"
        violations.append(Violation(message, path="flow.namespace", invalid_value=new.namespace))
    if violations:
        raise FlowInvalid(violations)
