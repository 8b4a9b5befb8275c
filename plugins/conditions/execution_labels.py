"""ExecutionLabels: an execution with certain labels."""

from __future__ import annotations

from typing import Any, ClassVar

from plugins.contracts import Condition, ConditionFacts, Model


class KeyValue(Model):
    """One label of a list of labels."""

    key: str
    value: str


class ExecutionLabels(Condition):
    """True when the execution has all these labels."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.condition.ExecutionLabels"
    ALIASES: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.models.conditions.types.ExecutionLabelsCondition",
        "io.kestra.plugin.core.condition.ExecutionLabelsCondition",
    )
    TITLE: ClassVar[str] = "An execution with certain labels"
    DEPRECATED: ClassVar[str] = "use `when`"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: after_labelled
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: "Hello"
triggers:
  - id: upstream
    type: io.kestra.plugin.core.trigger.Flow
    conditions:
      - type: io.kestra.plugin.core.condition.ExecutionLabels
        labels:
          owner: finance
""",
    )

    labels: dict[str, str] | list[KeyValue]

    def holds(self, facts: ConditionFacts) -> bool:
        own: dict[str, Any] = dict((facts.execution or {}).get("labels") or {})
        return all(own.get(key) == value for key, value in self._pairs())

    def _pairs(self) -> list[tuple[str, str]]:
        if isinstance(self.labels, dict):
            return list(self.labels.items())
        return [(label.key, label.value) for label in self.labels]
