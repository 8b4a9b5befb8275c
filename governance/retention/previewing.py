"""A dry run: what the policies, or rules that nobody has saved, would take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.clock import now
from governance.retention.deciding import steps
from governance.retention.queries import policies
from governance.retention.report import Report, report
from governance.retention.rules import read_rules


def preview(namespace: str, rules: Mapping[str, Any] | None = None) -> Report:
    """Of a namespace and below, or of the tenant. Nothing is changed."""
    said = dict(policies())
    if rules is not None:
        said[namespace] = read_rules(rules)
    return report(current_tenant(), namespace, steps(said, namespace, now()))
