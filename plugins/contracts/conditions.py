"""Yes or no about a trigger or an execution."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import Any, ClassVar, Protocol

from plugins.contracts.pieces import Plugin
from plugins.contracts.running import PluginError


class Condition(Plugin):
    """Says yes or no about a trigger or an execution. Pure: all it may know is in `facts`."""

    DEPRECATED: ClassVar[str] = "use `when` of the trigger, or `dependsOn` of one that waits for flows"

    def holds(self, facts: ConditionFacts) -> bool:
        """Raises PluginError when it cannot be decided."""
        raise PluginError(f"{self.type} cannot be decided")


class ConditionFacts(Protocol):
    """What a condition may know. `plugins.conditions.facts.Facts` says what the maps hold."""

    @property
    def flow(self) -> Mapping[str, Any]: ...

    @property
    def execution(self) -> Mapping[str, Any] | None: ...

    @property
    def scope(self) -> Mapping[str, Any]: ...

    @property
    def zone(self) -> tzinfo:
        """The zone of dates that name none."""

    def render(self, text: str, extra: Mapping[str, Any] | None = None) -> Any:
        """Render; `extra` adds variables for this call."""

    def multiple(self, condition_id: str) -> Iterable[str]:
        """Names of the sub-conditions of a multiple condition already met in its window."""
