"""An execution that holds more than the operator lets one hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from executions.simulator.world import Simulator
from plugins.contracts import State

LOOP = """
id: large
namespace: company.team
inputs: [{id: text, type: STRING, defaults: short}]
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [1, 2, 3, 4, 5, 6, 7, 8, 9]
    tasks: [{id: said, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.text }}"}]
errors: [{id: told, type: io.kestra.plugin.core.log.Log, message: told}]
"""
PARENT = """
id: parent
namespace: company.team
tasks:
  - id: child
    type: io.kestra.plugin.core.flow.Subflow
    namespace: company.team
    flowId: child
  - {id: after, type: io.kestra.plugin.core.log.Log, message: after}
"""
CHILD = """
id: child
namespace: company.team
tasks: [{id: said, type: io.kestra.plugin.core.debug.Return, format: "{{ 'x' * 3000 }}"}]
outputs: [{id: text, type: STRING, value: "{{ outputs.said.value }}"}]
""".replace("{{ 'x' * 3000 }}", "x" * 3000)


def run(text: str, limit: int | None) -> Any:
    return Simulator([LOOP], message_limit=limit).run("company.team", "large", inputs={"text": text})


def test_one_that_grows_too_big_fails_and_begins_nothing_more():
    """Its input and five outputs of 1,000 characters each."""
    execution = run("x" * 1_000, 6_000)
    assert execution.state is State.FAILED
    assert len(execution.runs_of("said")) == 5
    assert not execution.runs_of("told")
    (message,) = [line.message for line in execution.logs if line.level == "ERROR"]
    assert message.startswith("Message of size 60") and message.endswith("has exceeded the configured limit of 6000")


@pytest.mark.parametrize("limit", [None, 12_000])
def test_one_that_fits_is_left_alone(limit: int | None):
    execution = run("x" * 1_000, limit)
    assert execution.state is State.SUCCESS
    assert len(execution.runs_of("said")) == 9


def test_what_it_is_given_is_too_much_before_anything_runs():
    execution = run("x" * 7_000, 6_000)
    assert execution.state is State.FAILED
    assert not execution.runs


def test_what_a_subflow_brings_counts():
    world = Simulator([PARENT, CHILD], message_limit=5_000)
    assert world.run("company.team", "parent").state is State.SUCCESS
    small = Simulator([PARENT, CHILD])
    small.flows["company.team", "parent"] = replace(small.flows["company.team", "parent"], message_limit=2_000)
    execution = small.run("company.team", "parent")
    assert execution.state is State.FAILED
    assert not execution.runs_of("after")


def test_a_limit_that_is_younger_than_the_execution_counts_what_is_there():
    world = Simulator([LOOP])
    started = world.start("company.team", "large", inputs={"text": "x" * 1_000})
    execution = world.executions[started.id]
    assert world.until(lambda: len(execution.runs_of("said")) == 4)
    execution.flow = replace(execution.flow, message_limit=6_000)
    world.settle()
    assert execution.state is State.FAILED
    assert len(execution.runs_of("said")) == 5
