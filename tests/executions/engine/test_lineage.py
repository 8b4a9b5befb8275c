"""Executions that start each other: how deep, and what a kill reaches."""

from __future__ import annotations

from datetime import timedelta

from executions.engine import events as ev
from executions.engine.lineage import DEEPEST, too_deep
from executions.simulator.fleet import Done
from plugins.contracts import State
from tests.executions.engine.drawing import do, flow_of, messages, outcomes, send, start, task


def sub(flow_id, task_id="sub", **over):
    return task(task_id, "Subflow", namespace="company.team", flowId=flow_id, **over)


def test_the_path_is_named_when_it_is_too_long() -> None:
    assert too_deep(["n.a", "n.b"], "n.a", 3) is None
    assert too_deep(["n.a", "n.b"], "n.a", 2) == "Executions may start each other at most 2 deep: n.a > n.b > n.a"


def test_two_flows_that_start_each_other_come_to_an_end() -> None:
    world, execution = start(sub("other"), flows=[flow_of(sub("drawn"), id="other")])
    world.settle()
    assert execution.state is State.FAILED
    assert len(world.executions) == DEEPEST
    assert any(
        "company.team.other > company.team.drawn" in line
        for each in world.executions.values()
        for line in messages(each)
    )


def test_a_kill_reaches_what_was_started_and_not_awaited_however_deep() -> None:
    slow = outcomes(slow=Done(State.SUCCESS, took=timedelta(hours=1)))
    leaf = flow_of(*do("slow"), id="leaf")
    middle = flow_of(sub("leaf", wait=False), id="middle")
    world, execution = start(sub("middle", wait=False), *do("slow"), flows=[leaf, middle], script=slow)
    world.until(lambda: len(world.executions) == 3 and all(each.runs for each in world.executions.values()))
    send(world, execution, ev.KillRequested)
    world.settle()
    states = {each.execution.flow_id: each.state.value for each in world.executions.values()}
    assert states == {"drawn": "KILLED", "middle": "SUCCESS", "leaf": "KILLED"}


def test_a_child_that_waits_to_be_tried_anew_is_not_when_its_parent_is_killed() -> None:
    retry = {"type": "constant", "interval": "PT1H", "maxAttempts": 3, "behavior": "CREATE_NEW_EXECUTION"}
    world, execution = start(
        sub("child"), flows=[flow_of(*do("a", retry=retry), id="child")], script=outcomes(a=State.FAILED)
    )
    world.until(lambda: any(each.state is State.RETRIED for each in world.executions.values()))
    send(world, execution, ev.KillRequested)
    world.settle()
    assert execution.state is State.KILLED
    assert len(world.executions) == 2
