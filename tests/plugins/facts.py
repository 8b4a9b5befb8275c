"""Facts for tests of conditions and triggers, rendered by the real expression language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from flows.expressions import Environment
from flows.model.facts import renderer
from plugins.conditions.facts import Facts

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def make_facts(
    execution: Mapping[str, Any] | None = None,
    scope: Mapping[str, Any] | None = None,
    *,
    flow: Mapping[str, Any] | None = None,
    zone: tzinfo = UTC,
    met: Mapping[str, list[str]] | None = None,
) -> Facts:
    """Facts of a flow `company.team.here`, on a clock that stands at NOON."""
    return Facts(
        renderer(Environment(clock=lambda: NOON)),
        flow or {"namespace": "company.team", "id": "here"},
        execution,
        scope or {},
        met or {},
        zone,
    )


def make_execution(**over: Any) -> dict[str, Any]:
    """An execution of another flow that ended well."""
    return {"id": "e1", "namespace": "company.team", "flowId": "upstream", "state": "SUCCESS", "labels": {}} | over
