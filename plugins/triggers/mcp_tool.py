"""McpToolTrigger: the flow as a tool that language models may call."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from plugins.contracts import Model, Trigger

_TOOL_NAME = r"^[a-zA-Z0-9]([a-zA-Z0-9_.-]*[a-zA-Z0-9])?$"


class Annotations(Model):
    """What a caller may expect of the tool before it calls it."""

    read_only: bool = False
    """It changes nothing."""
    open_world: bool = True
    """It reaches what lies outside."""
    destructive: bool = True
    """What it changes may be lost."""
    idempotent: bool = False
    """A second call with the same values changes nothing more."""
    return_direct: bool = False
    """What it returns is the answer."""


class McpToolTrigger(Trigger):
    """Offer the flow as a tool over the Model Context Protocol: its inputs are the tool's, its outputs the answer.

    This instance serves no such tools yet: the trigger is kept and shown, and starts nothing.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.trigger.McpToolTrigger"
    TITLE: ClassVar[str] = "Start by a call of a tool"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: as_a_tool
namespace: company.team
inputs:
  - id: city
    type: STRING
    defaults: Paris
tasks:
  - id: answer
    type: io.kestra.plugin.core.debug.Return
    format: "It is sunny in {{ inputs.city }}"
triggers:
  - id: tool
    type: io.kestra.plugin.core.trigger.McpToolTrigger
    toolName: weather
    title: Weather
    toolDescription: Tells the weather of a city
""",
    )

    tool_name: str = Field(min_length=1, max_length=64, pattern=_TOOL_NAME)
    """What callers call it."""
    title: str
    """What people call it."""
    tool_description: str
    """What it is good for."""
    mcp_server: str = "default"
    """Which server offers it."""
    annotations: Annotations = Annotations()
    """What a caller may expect of it."""
