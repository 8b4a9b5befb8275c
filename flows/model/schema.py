"""The JSON schema of a flow: what an editor completes, the documentation shows and the API serves."""

from __future__ import annotations

from functools import cache
from typing import Any

from flows.model.flow import Flow
from plugins.catalog.registry import registry
from plugins.catalog.schemas import flow_schema_of


@cache
def flow_schema() -> dict[str, Any]:
    """Every property of a flow and of every plugin in it, made from the classes that parse them. Not to be changed."""
    return flow_schema_of(Flow, registry())
