"""What every task that starts another flow has in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from plugins.contracts import PluginError, Property
from plugins.contracts.plans import ChildSpec, ExecutableTask
from plugins.contracts.truth import is_true


def label_map(rendered: Any) -> dict[str, str]:
    """Labels written as a map or as a list of key and value. Raises PluginError."""
    if not rendered:
        return {}
    if isinstance(rendered, Mapping):
        return {str(key): str(value) for key, value in rendered.items()}
    try:
        return {str(entry["key"]): str(entry["value"]) for entry in rendered}
    except (TypeError, KeyError) as error:
        raise PluginError("Labels must be a map or a list of key and value", retryable=False) from error


class ChildFlowTask(ExecutableTask):
    """Names another flow, what it is given, and what its end means for the task."""

    namespace: Property[str]
    flow_id: Property[str]
    revision: Property[int] | None = None
    inputs: dict[str, Any] = Field(default_factory=dict)
    labels: Any = None
    wait: Property[bool] = Property(True)
    transmit_failed: Property[bool] = Property(True)
    inherit_labels: Property[bool] = Property(False)
    schedule_date: Property[Any] | None = None
    restart_behavior: Literal["RETRY_FAILED", "NEW_EXECUTION"] = "RETRY_FAILED"
    """What a restart does with the executions that failed: run them again from where they failed, or start new ones."""

    @property
    def restarts_children(self) -> bool:
        return self.restart_behavior == "RETRY_FAILED"

    def control(self) -> Mapping[str, Any]:
        return {
            "namespace": self.namespace.source,
            "flowId": self.flow_id.source,
            "revision": self.revision and self.revision.source,
            "inputs": self.inputs,
            "labels": self.labels,
            "wait": self.wait.source,
            "transmitFailed": self.transmit_failed.source,
            "inheritLabels": self.inherit_labels.source,
            "scheduleDate": self.schedule_date and self.schedule_date.source,
        }

    def child(self, values: Mapping[str, Any]) -> ChildSpec:
        revision = values["revision"]
        return ChildSpec(
            namespace=str(values["namespace"]),
            flow_id=str(values["flowId"]),
            revision=None if revision in (None, "") else int(revision),
            inputs=values["inputs"],
            labels=label_map(values["labels"]),
            inherits_labels=is_true(values["inheritLabels"]),
            schedule_date=values["scheduleDate"],
            is_awaited=is_true(values["wait"]),
            transmits_failure=is_true(values["transmitFailed"]),
        )
