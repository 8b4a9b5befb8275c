"""Pauses and breakpoints, and what goes on after them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from executions.engine import events as ev
from executions.simulator.fleet import Done
from plugins.contracts import State
from tests.executions.engine.drawing import (
    at,
    do,
    draw,
    drawing,
    history,
    outcomes,
    run,
    send,
    start,
    task,
    until_state,
)

FAILED, SUCCESS = State.FAILED, State.SUCCESS
SLOW = Done(SUCCESS, took=timedelta(minutes=1))


class TestPause:
    def test_a_pause_waits_until_it_is_resumed(self) -> None:
        world, execution = start(task("p", "Pause"), *do("b"))
        world.settle()
        assert draw(execution) == "PAUSED\n  p PAUSED"
        assert send(world, execution, ev.ResumeRequested, inputs={"ok": True}, actor="olga") is None
        assert execution.state is State.RESTARTED
        world.settle()
        assert history(execution.execution) == "CREATED RUNNING PAUSED RESTARTED RUNNING SUCCESS"
        outputs = execution.runs[0].outputs or {}
        assert outputs["onResume"] == {"ok": True}
        assert outputs["resumed"]["by"] == "olga"

    @pytest.mark.parametrize(
        ("behavior", "ends", "after"),
        [
            ("RESUME", SUCCESS, True),
            ("WARN", State.WARNING, True),
            ("CANCEL", State.CANCELLED, False),
            ("FAIL", FAILED, False),
        ],
    )
    def test_after_its_time_it_goes_on_as_told(self, behavior, ends, after) -> None:
        execution = run(task("p", "Pause", pauseDuration="PT10S", behavior=behavior), *do("b"))
        assert execution.state is ends
        assert bool(execution.runs_of("b")) is after

    def test_after_its_timeout_it_fails(self) -> None:
        execution = run(task("p", "Pause", timeout="PT10S"), *do("b"))
        assert draw(execution) == "FAILED\n  p FAILED"
        assert history(execution.runs[0]) == "CREATED RUNNING PAUSED FAILED"

    def test_its_own_tasks_run_once_resumed(self) -> None:
        execution = run(task("p", "Pause", delay="PT1S", tasks=do("a")), *do("b"))
        assert draw(execution) == drawing(
            """
            SUCCESS
              p SUCCESS
                a SUCCESS
              b SUCCESS
            """
        )

    def test_a_second_resume_is_refused_and_late_timers_do_nothing(self) -> None:
        world, execution = start(task("p", "Pause", pauseDuration="PT10S"), *do("slow"), script=outcomes(slow=SLOW))
        until_state(world, execution, State.PAUSED)
        send(world, execution, ev.ResumeRequested)
        assert send(world, execution, ev.ResumeRequested) == "there is no paused task run"
        run_id = execution.runs[0].id
        assert send(world, execution, ev.TimerFired, key=f"delay:{run_id}") == "the task run is not paused"

    def test_while_one_task_pauses_nothing_else_begins(self) -> None:
        parallel = task("x", "Parallel", tasks=[task("p", "Pause"), task("s", "Sequential", tasks=do("a", "b"))])
        world, execution = start(parallel)
        world.settle()
        assert draw(execution) == drawing(
            """
            PAUSED
              x RUNNING
                p PAUSED
                s CREATED
            """
        )
        send(world, execution, ev.ResumeRequested)
        world.settle()
        assert execution.state is SUCCESS

    def test_it_stays_paused_until_the_last_pause_is_resumed(self) -> None:
        world, execution = start(task("x", "Parallel", tasks=[task("p", "Pause"), task("q", "Pause")]))
        world.settle()
        first, second = execution.runs_of("p")[0], execution.runs_of("q")
        assert second[0].state is State.CREATED
        send(world, execution, ev.ResumeRequested, task_run_id=first.id)
        world.settle()
        assert execution.state is State.PAUSED
        send(world, execution, ev.ResumeRequested)
        assert execution.state is SUCCESS

    def test_a_pause_asked_for_lets_what_runs_end_and_begins_nothing(self) -> None:
        world, execution = start(*do("slow", "b"), script=outcomes(slow=SLOW))
        at(world, 5)
        send(world, execution, ev.PauseRequested)
        assert execution.state is State.PAUSED
        world.settle()
        assert draw(execution) == "PAUSED\n  slow SUCCESS\n  b CREATED"
        send(world, execution, ev.ResumeRequested)
        world.settle()
        assert draw(execution) == "SUCCESS\n  slow SUCCESS\n  b SUCCESS"

    def test_a_pause_holds_the_end_too(self) -> None:
        world, execution = start(*do("slow"), script=outcomes(slow=SLOW))
        at(world, 5)
        send(world, execution, ev.PauseRequested)
        world.settle()
        assert draw(execution) == "PAUSED\n  slow SUCCESS"
        send(world, execution, ev.RunForced)
        assert execution.state is SUCCESS

    def test_a_forced_run_resumes_every_pause(self) -> None:
        world, execution = start(task("p", "Pause"), *do("b"))
        world.settle()
        send(world, execution, ev.RunForced)
        world.settle()
        assert execution.state is SUCCESS


class TestBreakpoints:
    def test_an_execution_stops_before_the_task(self) -> None:
        world, execution = start(*do("a", "b", "c"))
        execution.execution.breakpoints = ["b"]
        world.settle()
        assert draw(execution) == "BREAKPOINT\n  a SUCCESS\n  b BREAKPOINT"
        send(world, execution, ev.BreakpointResumed, breakpoints=("c",))
        world.settle()
        assert draw(execution) == "BREAKPOINT\n  a SUCCESS\n  b SUCCESS\n  c BREAKPOINT"
        send(world, execution, ev.BreakpointResumed)
        world.settle()
        assert execution.state is SUCCESS

    def test_one_value_of_a_loop_can_be_named(self) -> None:
        world, execution = start(task("l", "ForEach", values=["x", "y"], tasks=do("a")))
        execution.execution.breakpoints = ["a.y"]
        world.settle()
        assert [each.state for each in execution.runs_of("a")] == [SUCCESS, State.BREAKPOINT]


def test_a_pause_may_be_ended_as_cancelled() -> None:
    world, execution = start(task("p", "Pause", tasks=do("a")), *do("b"))
    until_state(world, execution, State.PAUSED)
    assert send(world, execution, ev.ResumeRequested, to_state=State.CANCELLED) is None
    world.settle()
    assert draw(execution) == "CANCELLED\n  p CANCELLED"


def test_what_runs_when_it_pauses_is_waited_for_beside_its_errors() -> None:
    slow = outcomes(
        told=Done(State.SUCCESS, took=timedelta(seconds=3)), e=Done(State.SUCCESS, took=timedelta(minutes=1))
    )
    pause = task("p", "Pause", timeout="PT1S", onPause=do("told")[0], errors=do("e"))
    execution = run(pause, script=slow)
    assert draw(execution) == "FAILED\n  p FAILED\n    told SUCCESS\n    e SUCCESS"
    assert execution.runs_of("e")[0].history[-1].date <= execution.execution.history[-1].date
