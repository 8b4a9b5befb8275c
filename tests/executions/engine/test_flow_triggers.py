"""What an execution means to the Flow triggers of other flows."""

from __future__ import annotations

from executions.engine.flow_triggers import judge, start_by, upstream_of
from executions.simulator.simulated import Simulated
from executions.simulator.world import Simulator
from flows.expressions import Environment
from plugins.contracts import State
from plugins.triggers.flow import Flow as FlowTrigger

UP = """
id: up
namespace: a
labels: {kind: nightly}
tasks:
  - {id: first, type: io.kestra.plugin.core.debug.Return, format: q}
  - {id: last, type: io.kestra.plugin.core.log.Log, message: x}
outputs: [{id: o, type: STRING, value: "{{ outputs.first.value }}"}]
"""
DOWN = """
id: down
namespace: a
triggers: [{id: t, type: io.kestra.plugin.core.trigger.Flow%s}]
tasks: [{id: l, type: io.kestra.plugin.core.log.Log, message: "{{ trigger.outputs.o ?? 'nothing' }}"}]
"""
ENVIRONMENT = Environment()


def judged(trigger: str, state: State = State.SUCCESS):
    world = Simulator([UP])
    up = world.run("a", "up")
    flow = world.add(DOWN % trigger)
    (listening,) = flow.flow.triggers
    assert isinstance(listening, FlowTrigger)
    upstream = upstream_of(up.flow, up.ledger, up.runs, state)
    return judge(listening, flow, upstream, ENVIRONMENT), upstream, listening, flow


def started(world: Simulator) -> list[Simulated]:
    return [each for each in world.executions.values() if each.execution.flow_id == "down"]


def test_when_sees_the_other_execution_its_flow_and_its_labels() -> None:
    for text in (
        "execution.outputs.o == 'q'",
        "labels.kind == 'nightly'",
        "flow.id == 'up'",
        "execution.state == 'SUCCESS'",
    ):
        assert judged(f', when: "{{{{ {text} }}}}"')[0].is_fit, text


def test_when_sees_nothing_of_what_it_would_start() -> None:
    for text in ("trigger is defined", "outputs is defined", "executionId is defined"):
        found = judged(f', when: "{{{{ {text} }}}}"')[0]
        assert not found.is_fit and found.warning is None, text


def test_when_that_cannot_be_rendered_is_told_and_does_not_hold() -> None:
    found = judged(", when: \"{{ trigger.state == 'FAILED' }}\"")[0]
    assert not found.is_fit
    assert found.warning == (
        "[namespace: a] [flow: down] [condition: {{ trigger.state == 'FAILED' }}] Evaluate Condition Failed with error "
        "'Could not perform equals comparison ({{ trigger.state == 'FAILED' }}:1)'"
    )


def test_nobody_is_told_of_an_execution_that_the_trigger_does_not_wait_for() -> None:
    found = judged(", dependsOn: [{namespace: a, flowId: other}], when: \"{{ trigger.state == 'FAILED' }}\"")[0]
    assert not found.is_fit and found.warning is None


def test_other_states_do_not_count() -> None:
    assert not judged(", states: [FAILED]")[0].is_fit
    assert judged(", states: [FAILED]", State.FAILED)[0].is_fit


def test_what_is_met_is_told_by_the_window() -> None:
    waits = ", dependsOn: [{namespace: a, flowId: up}, {namespace: a, flowId: two}]"
    assert judged(waits)[0].met == {"dependsOn": {"flow-0"}}


def test_the_variables_tell_of_the_execution() -> None:
    variables = judged("")[1].variables
    assert (variables["lastTaskId"], variables["state"], variables["outputs"]) == ("last", "SUCCESS", {"o": "q"})
    assert variables["executionLabels"] == {"kind": "nightly"}
    assert "firstFailedTaskId" not in variables


def test_what_it_starts_follows_from_it() -> None:
    labels = ', labels: {after: "{{ trigger.flowId }}"}, inputs: {v: "{{ trigger.outputs.b.two.p }}"}'
    _, upstream, trigger, flow = judged(labels)
    begin = start_by(trigger, flow, upstream, ENVIRONMENT, {("b", "two"): {"p": 1}})
    assert begin.inputs == {"v": "1"}
    assert begin.labels == {"after": "up", "system.correlationId": upstream.correlation_id}
    assert begin.trigger["variables"]["outputs"] == {"o": "q", "b": {"two": {"p": 1}}}


def test_a_simulated_world_starts_what_listens_and_tells_what_cannot_be_decided() -> None:
    world = Simulator([UP, DOWN % ""])
    world.run("a", "up")
    (down,) = started(world)
    assert [line.message for line in down.logs] == ["q"]
    world = Simulator([UP, DOWN % ', when: "{{ outputs.o == 1 }}"'])
    up = world.run("a", "up")
    assert not started(world) and [line.level for line in up.logs if line.task_id is None] == ["WARN"]


def test_all_that_a_flow_waits_for_must_be_met() -> None:
    waits = ", dependsOn: [{namespace: a, flowId: up}, {namespace: a, flowId: two}]"
    world = Simulator([UP, UP.replace("id: up", "id: two"), DOWN % waits])
    world.run("a", "up")
    assert not started(world)
    world.run("a", "two")
    (down,) = started(world)
    assert down.execution.trigger is not None
    assert down.execution.trigger["variables"]["outputs"] == {"o": "q", "a": {"up": {"o": "q"}}}
