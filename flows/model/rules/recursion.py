"""A flow that starts itself."""

from __future__ import annotations

from collections.abc import Sequence

from flows.model.flow import Flow
from flows.model.reading.session import Reading
from flows.model.walk import Walked
from plugins.contracts import Property


def check_recursion(flow: Flow, tasks: Sequence[Walked], reading: Reading) -> None:
    """A subflow task that names the flow it stands in would start it for ever."""
    for walked in tasks:
        target = (_constant(walked.task, "namespace"), _constant(walked.task, "flow_id"))
        if target == (flow.namespace, flow.id) and _starts_flows(walked.task):
            reading.complain_of_flow(f"Recursive call to flow [{flow.namespace}.{flow.id}]", [*walked.keys, "flowId"])


def _starts_flows(task: object) -> bool:
    return type(task).__name__ in ("Subflow", "ForEachItem")


def _constant(task: object, name: str) -> object:
    value = getattr(task, name, None)
    return value.source if isinstance(value, Property) else value
