"""Variables are the flow's until a task of the execution changes them."""

from __future__ import annotations

import pytest

from executions.engine.variables import changed
from executions.simulator.world import Simulator
from flows.model.parse import parse_flow
from plugins.contracts import PluginError, State, VariableChange

SET = "io.kestra.plugin.core.execution.SetVariables"
UNSET = "io.kestra.plugin.core.execution.UnsetVariables"
LOG = "io.kestra.plugin.core.log.Log"


def run(tasks: str, variables: str = "{a: 1, b: {c: 2}, e: '{{ flow.id }}'}"):
    source = f"id: drawn\nnamespace: company.team\nvariables: {variables}\ntasks:\n{tasks}"
    world = Simulator()
    flow = world.add(parse_flow(source).flow).flow
    return world.run(flow.namespace, flow.id)


def test_what_is_set_is_seen_by_every_task_that_follows() -> None:
    done = run(
        f"""
  - {{id: s, type: {SET}, variables: {{a: "{{{{ 1 + 1 }}}}", n: new, l: [1, "{{{{ flow.id }}}}"], b: {{d: 3}}}}}}
  - {{id: l1, type: {LOG}, message: "{{{{ vars }}}} {{{{ render(vars.e) }}}}"}}
  - {{id: u, type: {UNSET}, variables: [n, b]}}
  - {{id: l2, type: {LOG}, message: "{{{{ vars }}}}"}}
"""
    )
    assert done.state is State.SUCCESS
    assert [line.message for line in done.logs] == [
        '{"a":"2","b":{"c":2,"d":3},"e":"{{ flow.id }}","n":"new","l":[1,"drawn"]} drawn',
        '{"a":"2","e":"{{ flow.id }}","l":[1,"drawn"]}',
    ]
    assert done.execution.variables == {"a": "2", "e": "{{ flow.id }}", "l": [1, "drawn"]}


def test_what_is_rendered_in_turn_is_the_new_value() -> None:
    done = run(
        f"""
  - {{id: s, type: {SET}, variables: {{a: "{{% raw %}}{{{{ outputs.r.value }}}}{{% endraw %}}"}}}}
  - {{id: r, type: io.kestra.plugin.core.debug.Return, format: found}}
  - {{id: l, type: {LOG}, message: "{{{{ render(vars.a) }}}}"}}
"""
    )
    assert [line.message for line in done.logs] == ["found"]


def test_none_that_are_left_are_none() -> None:
    done = run(
        f"""
  - {{id: u, type: {UNSET}, variables: [a]}}
  - {{id: l, type: {LOG}, message: "{{{{ vars.a ?? 'gone' }}}}"}}
""",
        "{a: 1}",
    )
    assert [line.message for line in done.logs] == ["gone"]


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (
            f"{{id: s, type: {SET}, overwrite: false, variables: {{a: 2, b: 3, z: 1}}}}",
            "`overwrite` is set to false and the following variables already exist: a, b",
        ),
        (f"{{id: s, type: {UNSET}, variables: [nope]}}", "Variable 'nope' not found and `ignoreMissing` is false"),
    ],
)
def test_a_change_that_may_not_be_made_fails_the_task_and_changes_nothing(task: str, reason: str) -> None:
    done = run(f"  - {task}\n")
    assert done.state is State.FAILED
    told = [(line.task_id, line.message) for line in done.logs]
    assert told == [(None, reason), ("s", f"Failed to process task: {reason}")]
    assert [step.state.value for step in done.runs[0].history] == ["CREATED", "FAILED"]
    assert done.execution.variables == {}


def test_a_name_that_is_missing_may_be_passed_over() -> None:
    assert changed({"a": 1}, VariableChange(removed=["nope", "a"], ignores_missing=True)) == {}
    with pytest.raises(PluginError):
        changed({"a": 1}, VariableChange(removed=["nope", "a"]))
    assert changed({"a": 1}, VariableChange(values={"b": 1}, overwrite=False)) == {"a": 1, "b": 1}
