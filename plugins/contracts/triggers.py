"""What starts executions by itself."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from plugins.contracts.conditions import Condition
from plugins.contracts.pieces import Plugin
from plugins.contracts.states import LogLevel, State


class Trigger(Plugin):
    """What starts executions by itself."""

    id: str = Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_-]*$", max_length=256)
    description: str | None = None
    disabled: bool = False
    when: str | None = None
    conditions: list[Condition] = Field(default_factory=list, json_schema_extra={"deprecated": True})
    labels: dict[str, str] | list[dict[str, str]] | None = None
    inputs: dict[str, Any] = Field(default_factory=dict)
    stop_after: list[State] = Field(default_factory=list)
    allow_concurrent: bool = False
    """Start an execution also while one that it started before still runs."""
    fail_on_trigger_error: bool = False
    """Create a failed execution when it cannot be evaluated."""
    log_level: LogLevel | None = None
    log_to_file: bool = False
    worker_group: dict[str, Any] | None = Field(default=None, json_schema_extra={"deprecated": True})
    worker_selector: dict[str, Any] | None = None
    version: str | None = None
    policy_refs: list[str] = Field(default_factory=list)
    assets: dict[str, Any] | None = None
