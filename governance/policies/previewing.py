"""What all policies of a namespace would make of a flow that nobody has saved."""

from __future__ import annotations

from typing import Any

import yaml

from control_plane.kernel.words.errors import Violation
from flows.model.documents.compose import compose
from flows.model.documents.tree import plain
from flows.model.errors import FlowInvalid
from flows.namespace_settings.surroundings import namespace_defaults
from governance.policies.enforcing import judge, policies_for
from governance.policies.shapes import outcome_shape


def preview(source: str, namespace: str) -> dict[str, Any]:
    """Raises FlowInvalid for a text that is no map. The source is the very text where nothing changes it."""
    document = plain(compose(source))
    if not isinstance(document, dict):
        raise FlowInvalid([Violation("a flow is a map", "source")])
    outcome = judge(document | {"namespace": namespace}, policies_for(namespace), namespace_defaults(namespace))
    resolved = source
    if outcome.mutations:
        resolved = yaml.safe_dump(outcome.document, sort_keys=False, allow_unicode=True, width=100)
    return {"resolvedSource": resolved, **outcome_shape(outcome)}
