"""The rules that hold between the parts of a flow."""

from __future__ import annotations

from collections.abc import Iterator

from flows.model.flow import Flow
from flows.model.reading.session import Reading, child
from flows.model.rules.dashes import check_dashes
from flows.model.rules.ids import check_ids
from flows.model.rules.input_defaults import check_defaults
from flows.model.rules.input_dependencies import check_input_dependencies
from flows.model.rules.labels import check_labels, check_trigger_labels
from flows.model.rules.loops import check_loops
from flows.model.rules.pauses import check_pauses
from flows.model.rules.quotas import check_quotas
from flows.model.rules.recursion import check_recursion
from flows.model.rules.schedules import check_schedules
from flows.model.rules.workers import check_workers
from flows.model.walk import walk_tasks
from plugins.triggers.flow import Flow as FlowTrigger


def check_rules(flow: Flow, reading: Reading) -> None:
    """Report everything in the flow that breaks a rule no single part can see."""
    if not child(reading.root, "tasks"):
        reading.complain("must not be empty", ["tasks"], at_key=True)
    tasks = list(walk_tasks(flow))
    check_ids(flow, tasks, reading)
    check_labels(flow, reading)
    check_trigger_labels(flow, reading)
    check_input_dependencies(flow.inputs, reading, ["inputs"])
    check_defaults(flow.inputs, reading, ["inputs"])
    check_schedules(flow, reading)
    check_dashes(flow, tasks, reading)
    check_pauses(tasks, reading)
    check_loops(tasks, reading)
    check_recursion(flow, tasks, reading)
    check_workers(flow, tasks, reading)
    check_quotas(flow, reading)


def flow_warnings(flow: Flow) -> list[str]:
    """What is allowed but seldom meant, a sentence each."""
    return list(_unbounded_triggers(flow))


def _unbounded_triggers(flow: Flow) -> Iterator[str]:
    for trigger in flow.triggers:
        if isinstance(trigger, FlowTrigger) and trigger.is_unbounded:
            yield (
                "This flow will be triggered for EVERY execution of EVERY flow on your instance. "
                f"We recommend adding the preconditions property to the Flow trigger '{trigger.id}'."
            )
