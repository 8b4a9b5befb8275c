"""The variables that a task sees."""

from __future__ import annotations

from control_plane.kernel.words.clock import parse_iso
from executions.engine.compiled import Surroundings
from executions.engine.control import EVERYTHING, NOTHING, needs_of
from executions.engine.scope import build_scope
from executions.simulator.world import Simulator
from plugins.contracts import State
from tests.executions.engine.drawing import do, flow_of, outputs, run, start, task

SUCCESS = State.SUCCESS


def test_surroundings_are_readable() -> None:
    around = Surroundings(envs={"foo": "env"}, globals={"g": "glob"}, kestra={"url": "here"}, namespace={"token": "ns"})
    world = Simulator(surroundings=around)
    text = "{{ envs.foo }} {{ globals.g }} {{ kestra.url }} {{ namespace.token }} {{ labels.system.correlationId }}"
    world.add(flow_of(*do("a", format=text)))
    execution = world.run("company.team", "drawn")
    assert outputs(execution, "a") == {"value": f"env glob here ns {execution.id}"}


def test_a_task_run_knows_itself() -> None:
    text = "{{ task.id }} {{ taskrun.attemptsCount }} {{ taskrun.iteration }} {{ taskrun.parentId is defined }} {{ execution.state }}"
    world, execution = start(task("l", "ForEach", values=["x"], tasks=do("a", format=text)))
    world.script = None
    world.settle()
    assert outputs(execution, "a") == {"value": "a 0 0 true RUNNING"}


def test_only_what_is_named_is_looked_up() -> None:
    execution = run(*do("a", "b"))
    assert "outputs" not in build_scope(execution.flow, execution.ledger, None, NOTHING)
    assert "tasks" not in build_scope(execution.flow, execution.ledger, None, NOTHING)
    named = build_scope(execution.flow, execution.ledger, None, needs_of("{{ outputs.a.value ~ tasks.b.state }}"))
    assert (named["outputs"], named["tasks"]) == ({"a": {"value": "a"}}, {"b": {"state": "SUCCESS"}})
    _, fresh = start(*do("a"))
    assert "outputs" not in build_scope(fresh.flow, fresh.ledger, None, EVERYTHING)


def test_a_child_reads_who_started_it() -> None:
    text = "{{ trigger.executionId }} {{ trigger.flowId }} {{ trigger.taskId }} {{ trigger._context.id }}"
    child = flow_of(*do("a", format=text), id="child")
    world, parent = start(task("sub", "Subflow", namespace="company.team", flowId="child"), flows=[child])
    world.script = None
    world.settle()
    [kid] = [each for each in world.executions.values() if each is not parent]
    assert outputs(kid, "a") == {"value": f"{parent.id} drawn sub sub"}


def test_what_runs_after_the_end_knows_the_end() -> None:
    text = "{{ execution.outputs.total }} {{ execution.state }} {{ execution.endDate }}"
    total = {"id": "total", "type": "INT", "value": "{{ 1 + 2 }}"}
    world, execution = start(*do("a"), outputs=[total], afterExecution=do("z", format=text))
    world.script = None
    world.settle()
    number, state, moment = outputs(execution, "z")["value"].split()
    assert (number, state) == ("3", "SUCCESS")
    assert parse_iso(moment) == execution.execution.history[-1].date
