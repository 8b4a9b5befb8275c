"""Changing the labels of the running execution."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import Outcome, PluginError, RunContext, RunnableTask


class Labels(RunnableTask):
    """Add labels to the running execution, or override those it has.

    Labels are a map, a list of `{key, value}`, or a text that renders to the JSON of either.
    Labels that begin with `system.` are refused.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.execution.Labels"
    CHANGES_EXECUTION: ClassVar[bool] = True
    TITLE: ClassVar[str] = "Set labels of the execution"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: label_at_run_time
namespace: company.team
labels:
  status: new
tasks:
  - id: mark
    type: io.kestra.plugin.core.execution.Labels
    labels:
      status: checked
      started: "{{ execution.startDate | date('yyyy-MM-dd') }}"
""",
    )

    labels: Any
    """The labels to set."""

    def run(self, ctx: RunContext) -> Outcome:
        labels = _labels_of(ctx.render_any(self.labels))
        for key in (key for key in labels if key.startswith("system.")):
            refused = f"System labels can only be set by Kestra itself, offending label: {key}={labels[key]}"
            raise PluginError(refused, retryable=False)
        if any(not key or not value for key, value in labels.items()):
            raise PluginError("The key and the value of a label cannot be empty", retryable=False)
        return Outcome(labels=labels)


def _labels_of(rendered: Any) -> dict[str, str]:
    if isinstance(rendered, str):
        try:
            rendered = json.loads(rendered)
        except ValueError:
            raise PluginError("Labels must be a map or a list of `key` and `value`", retryable=False) from None
    if isinstance(rendered, list):
        rendered = dict(_pair(item) for item in rendered)
    if not isinstance(rendered, Mapping):
        raise PluginError("Labels must be a map or a list of `key` and `value`", retryable=False)
    return {str(key): _text(value) for key, value in rendered.items()}


def _pair(item: Any) -> tuple[str, Any]:
    if not isinstance(item, Mapping) or set(item) != {"key", "value"}:
        raise PluginError("Each label of a list has a `key` and a `value`", retryable=False)
    return str(item["key"]), item["value"]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise PluginError("The value of a label is a text, a number or a boolean", retryable=False)
