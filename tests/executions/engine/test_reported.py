"""Task runs that a running task reports of its own work: under it, counted, copied with it, and replaced with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from executions.engine import acts
from executions.engine import events as ev
from executions.simulator.fleet import Done
from executions.simulator.memory import MemoryLedger
from executions.simulator.simulated import Simulated
from plugins.contracts import ReportedRun, State
from tests.executions.engine.drawing import do, draw, drawing, outcomes, outputs, run, send, start, task

FAILED, SUCCESS = State.FAILED, State.SUCCESS
BEGAN = datetime(2024, 1, 1, tzinfo=UTC)
LATER = datetime(2024, 2, 1, tzinfo=UTC)


def model(name: str, state: State = SUCCESS, value: str | None = None) -> ReportedRun:
    return ReportedRun(name, state, BEGAN, BEGAN + timedelta(seconds=3), value)


def built(*runs: ReportedRun, state: State = SUCCESS) -> Done:
    return Done(state, {"value": "x"}, "broken" if state is FAILED else None, task_runs=runs)


def test_they_stand_under_the_task_and_count() -> None:
    done = built(model("model.orders"), model("test.orders", FAILED, "nulls"))
    execution = run(*do("build", "last"), script=outcomes(build=done))
    assert draw(execution) == drawing("""
        SUCCESS
          build SUCCESS
            model.orders SUCCESS
            test.orders[nulls] FAILED
          last SUCCESS
    """)
    assert execution.execution.task_run_count == 4
    first = execution.runs_of("model.orders")[0]
    assert [(step.state.value, step.date - BEGAN) for step in first.history] == [
        ("CREATED", timedelta()),
        ("RUNNING", timedelta()),
        ("SUCCESS", timedelta(seconds=3)),
    ]


def test_a_new_attempt_replaces_what_the_one_before_reported() -> None:
    tries = [built(model("a"), model("b", FAILED), state=FAILED), built(model("a"), model("b"))]
    retry = {"type": "constant", "interval": "PT1S", "maxAttempts": 2}
    execution = run(task("build", retry=retry), script=outcomes(build=tries))
    assert draw(execution) == "SUCCESS\n  build SUCCESS x2\n    a SUCCESS\n    b SUCCESS"


def test_a_restart_replaces_them_too_and_leaves_those_of_others() -> None:
    tries = [built(model("b", FAILED), state=FAILED), built(model("b"))]
    world, execution = start(*do("first", "build"), script=outcomes(first=built(model("a")), build=tries))
    world.settle()
    assert send(world, execution, ev.RestartRequested) is None
    world.settle()
    assert draw(execution) == "SUCCESS\n  first SUCCESS\n    a SUCCESS\n  build SUCCESS x2\n    b SUCCESS"


@pytest.mark.parametrize(
    "target, expected",
    [
        ("last", "RESTARTED\n  build SUCCESS\n    a SUCCESS\n    b WARNING\n  last RESTARTED"),
        ("build", "RESTARTED\n  build RESTARTED"),
    ],
)
def test_a_replay_copies_those_of_what_is_not_repeated(target: str, expected: str) -> None:
    done = built(model("a"), model("b", State.WARNING))
    world, execution = start(*do("build", "last"), script=outcomes(build=done))
    world.settle()
    run_id = execution.runs_of(target)[0].id
    record, runs = acts.replay(execution.flow, execution.ledger, run_id, id="again", at=LATER, seed=3)
    copy = Simulated(execution.flow, MemoryLedger(record, runs))
    assert draw(copy) == expected
    assert not {each.id for each in copy.runs} & {each.id for each in execution.runs}
    assert [each.seq for each in runs] == list(range(record.task_run_count))
    again = world.adopt(execution.flow, record, runs)
    world.settle()
    assert draw(again).splitlines()[0] == "SUCCESS"
    assert sum(each.task_id == "a" for each in again.runs) == 1


def test_a_restart_in_another_revision_copies_them() -> None:
    states: Any = outcomes(build=built(model("a")), last=[FAILED, SUCCESS])
    world, execution = start(*do("build", "last"), script=states)
    world.settle()
    record, runs = acts.restart_in(execution.flow, execution.ledger, id="again", at=LATER, seed=3)
    assert [each.task_id for each in runs] == ["build", "a", "last"]
    again = world.adopt(execution.flow, record, runs)
    world.settle()
    assert [each.task_id for each in again.runs] == ["build", "a", "last"]


def test_inside_of_a_loop_and_of_a_working_directory_they_stand_with_their_task() -> None:
    done = built(model("a"))
    loop = task("each", "ForEach", values=["x", "y"], tasks=do("build"))
    assert draw(run(loop, script=outcomes(build=done))).count("a SUCCESS") == 2
    directory = task("dir", "WorkingDirectory", tasks=do("build"))
    world, execution = start(directory, *do("last"), script=outcomes(build=done, last=[FAILED, SUCCESS]))
    world.settle()
    assert "dir SUCCESS\n    build SUCCESS\n      a SUCCESS" in draw(execution)
    assert send(world, execution, ev.RestartRequested) is None
    world.settle()
    ids = {each.id for each in execution.runs}
    assert all(each.parent_id is None or each.parent_id in ids for each in execution.runs)


def test_one_named_like_a_task_of_the_flow_is_not_taken_for_it() -> None:
    execution = run(*do("build", "last"), script=outcomes(build=built(model("last", FAILED), model("build"))))
    assert [each.task_id for each in execution.runs] == ["build", "build.last", "build.build", "last"]
    assert outputs(execution, "last") == {"value": "last"}


def test_nothing_can_be_done_with_one_alone() -> None:
    world, execution = start(*do("build", "last"), script=outcomes(build=built(model("a", FAILED))))
    world.settle()
    told = execution.runs_of("a")[0]
    refused = send(world, execution, ev.TaskRunMarked, task_run_id=told.id, state=SUCCESS)
    assert refused is not None and "mark the task" in refused
    with pytest.raises(acts.ActRefused):
        acts.replay(execution.flow, execution.ledger, told.id, id="again", at=LATER, seed=3)
    assert send(world, execution, ev.RestartRequested) is not None


def test_a_kill_and_a_loss_leave_no_one_running() -> None:
    slow = Done(SUCCESS, took=timedelta(minutes=1), task_runs=(model("a"),))
    world, execution = start(*do("build"), script=outcomes(build=slow))
    world.until(lambda: bool(execution.runs) and execution.runs[0].state is State.RUNNING)
    send(world, execution, ev.KillRequested)
    world.settle()
    assert all(each.state.is_terminal for each in execution.runs)
