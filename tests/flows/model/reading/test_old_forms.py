"""Forms of the older generation are taken, and said to be old: when a flow is validated, and in the schema."""

from __future__ import annotations

import pytest

from flows.model.inputs.definitions import INPUT_TYPES
from flows.model.parse import parse_flow
from plugins.catalog.registry import registry
from plugins.contracts import Condition

LOG = "{id: l, type: io.kestra.plugin.core.log.Log, message: x}"
FLOW = f"id: f\nnamespace: company\ntasks: [{LOG}]\n"
FOR_EACH = f"tasks: [{{id: e, type: io.kestra.plugin.core.flow.ForEach, values: [a], tasks: [{LOG}]}}]"
SCHEDULE = 'id: s, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 0 * * *"'
WEEKEND = "conditions: [{type: io.kestra.plugin.core.condition.Weekend}]"


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        (FLOW, []),
        (FLOW.replace(f"tasks: [{LOG}]", FOR_EACH), ["tasks[0]"]),
        (FLOW + f"triggers: [{{{SCHEDULE}, {WEEKEND}}}]", ["triggers[0].conditions", "triggers[0].conditions[0]"]),
        (FLOW + "inputs: [{id: b, type: BOOLEAN}, {id: n, type: BOOL}]", ["inputs[0].type"]),
        (FLOW + "inputs: [{id: e, type: ENUM, values: [a]}]", ["inputs[0].type"]),
    ],
)
def test_an_old_form_is_taken_and_told(source: str, paths: list[str]) -> None:
    assert parse_flow(source).deprecations == paths


@pytest.mark.parametrize("name", ["ForEach", "ForEachItem", "EachSequential", "EachParallel"])
def test_old_loops_say_what_to_use(name: str) -> None:
    found = registry().find(f"io.kestra.plugin.core.flow.{name}")
    assert found is not None and "flow.Loop" in found.plugin.DEPRECATED


def test_every_condition_is_old() -> None:
    conditions = [plugin for plugin in registry().types.values() if issubclass(plugin, Condition)]
    assert conditions and all("`when`" in plugin.DEPRECATED for plugin in conditions)


def test_input_types_with_a_newer_one_are_old_and_no_others() -> None:
    assert {name for name, model in INPUT_TYPES.items() if model.DEPRECATED} == {"BOOLEAN", "ENUM"}
