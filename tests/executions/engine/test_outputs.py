"""Outputs of a flow, and those that a task of a loop sees."""

from __future__ import annotations

import pytest

from executions.engine import events as ev
from executions.engine.control import EVERYTHING
from executions.engine.scope import build_scope, references_of
from executions.simulator.fleet import Done
from executions.simulator.stores import MemoryStores
from executions.simulator.world import Simulator
from plugins.contracts import State
from tests.executions.engine.drawing import (
    do,
    flow_of,
    messages,
    outcomes,
    outputs,
    run,
    send,
    start,
    task,
    until_state,
)

FAILED, SUCCESS = State.FAILED, State.SUCCESS


class TestOutputs:
    def test_they_are_rendered_at_the_end_with_their_types(self) -> None:
        declared = [
            {"id": "n", "type": "INT", "value": "{{ 20 + 22 }}"},
            {"id": "t", "type": "STRING", "value": "{{ outputs.a.value }}"},
        ]
        assert run(*do("a"), outputs=declared).execution.outputs == {"n": 42, "t": "a"}

    def test_they_are_rendered_when_it_failed_too(self) -> None:
        declared = [{"id": "t", "type": "STRING", "value": "{{ execution.id }}"}]
        execution = run(*do("a"), outputs=declared, script=outcomes(a=FAILED))
        assert (execution.state, execution.execution.outputs) == (FAILED, {"t": execution.id})

    @pytest.mark.parametrize("value", ["{{ outputs.none.x }}", "no number", "{{ kv('none') }}"])
    def test_those_that_cannot_be_given_fail_the_execution(self, value) -> None:
        execution = run(*do("a"), outputs=[{"id": "n", "type": "INT", "value": value}])
        assert (execution.state, execution.execution.outputs) == (FAILED, None)
        assert messages(execution)

    def test_impure_ones_are_asked_of_a_worker_and_typed(self) -> None:
        declared = [
            {"id": "n", "type": "INT", "value": "{{ kv('n') }}"},
            {"id": "j", "type": "JSON", "value": "{{ kv('j') }}"},
            {"id": "o", "type": "STRING", "value": "{{ kv('none', errorOnMissing=false) }}", "required": False},
        ]
        pairs = {("company.team", "n"): "42", ("company.team", "j"): {"a": [1]}}
        world = Simulator(script=outcomes(), memory_stores=MemoryStores(kv=pairs))
        world.add(flow_of(*do("a"), outputs=declared))
        assert world.run("company.team", "drawn").execution.outputs == {"n": 42, "j": {"a": [1]}}

    @pytest.mark.parametrize("value", ["no number", None])
    def test_impure_ones_of_another_type_fail_the_execution(self, value) -> None:
        world, execution = start(
            *do("a"), outputs=[{"id": "n", "type": "INT", "value": "{{ kv('n') }}", "required": True}]
        )
        until_state(world, execution, State.RUNNING)
        world.until(lambda: execution.execution.frame.get("stage") == "outputs")
        world.clock.clear()
        send(world, execution, ev.Evaluated, key="outputs", values={"n": value})
        assert (execution.state, execution.execution.outputs) == (FAILED, None)


def test_the_nested_values_of_loops_nest_their_outputs() -> None:
    inner = task(
        "in", "ForEach", values=["a", "b"], tasks=do("leaf", format="{{ parent.taskrun.value }}{{ taskrun.value }}")
    )
    loop = task("out", "ForEach", values=["x", "y"], tasks=[inner])
    last = do(
        "last", format="{{ outputs.leaf.x.b.value }} {{ outputs.leaf['y']['a'].value }} {{ tasks.leaf.x.a.state }}"
    )
    world, execution = start(loop, *last)
    world.script = None
    world.settle()
    assert outputs(execution, "last") == {"value": "xb ya SUCCESS"}


def test_a_task_of_a_loop_is_given_the_outputs_of_its_own_value_alone() -> None:
    own = "{{ outputs.a[taskrun.value].value }}{{ currentEachOutput(outputs.b).value }}{{ outputs.before.value }}"
    loop = task("l", "ForEach", values=["x", "y", "z"], tasks=[*do("a", "b"), *do("own", format=own)])
    execution = run(*do("before"), loop)
    last = execution.runs_of("own")[-1]
    needs = references_of(execution.flow, execution.flow.task("own"))
    scope = build_scope(execution.flow, execution.ledger, last, needs)
    assert set(scope["outputs"]["a"]) == set(scope["outputs"]["b"]) == {"z"}
    assert scope["outputs"]["before"] == {"value": "before"}
    whole = build_scope(execution.flow, execution.ledger, last, EVERYTHING)
    assert set(whole["outputs"]["a"]) == {"x", "y", "z"}


@pytest.mark.parametrize(
    ("kept", "state", "found"), [("5", SUCCESS, {"n": 5}), ("many", FAILED, None)], ids=["fits", "does not fit"]
)
def test_outputs_that_a_worker_rendered_get_their_types(kept, state, found) -> None:
    world = Simulator(memory_stores=MemoryStores(kv={("company.team", "k"): kept}))
    world.add(flow_of(*do("a"), outputs=[{"id": "n", "type": "INT", "value": "{{ kv('k') }}"}]))
    execution = world.run("company.team", "drawn")
    assert execution.state is state
    assert (execution.execution.outputs or None) == found


def test_a_gate_sees_what_the_task_before_it_brought_however_deep_the_loop() -> None:
    last = do("b", runIf="{{ outputs.a['x']['1'].n == 1 }}")
    inner = task("inner", "ForEach", values=["1"], tasks=[*do("a"), *last])
    outer = task("outer", "ForEach", values=["x"], tasks=[task("s", "Sequential", tasks=[inner])])
    execution = run(outer, script=outcomes(a=Done(SUCCESS, outputs={"n": 1})))
    assert [each.state for each in execution.runs_of("b")] == [SUCCESS]
