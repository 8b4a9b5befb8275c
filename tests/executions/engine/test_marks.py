"""Task runs and executions that people give another end."""

from __future__ import annotations

from datetime import timedelta

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
    send,
    start,
    task,
    until_state,
)

FAILED, SUCCESS, WARNING = State.FAILED, State.SUCCESS, State.WARNING
SLOW = Done(SUCCESS, took=timedelta(minutes=1))


class TestMark:
    def test_a_failed_task_run_marked_well_lets_the_flow_go_on(self) -> None:
        world, execution = start(
            task("g", "Sequential", tasks=do("a", "b")), *do("c"), errors=do("e"), script=outcomes(a=FAILED)
        )
        world.settle()
        marked = execution.runs_of("a")[0]
        assert send(world, execution, ev.TaskRunMarked, task_run_id=marked.id, state=SUCCESS) is None
        world.settle()
        assert draw(execution) == drawing(
            """
            SUCCESS
              g SUCCESS
                a SUCCESS
                b SUCCESS
              c SUCCESS
            """
        )
        assert "RESTARTED" in history(execution.execution)

    def test_its_last_attempt_is_marked_with_it(self) -> None:
        world, execution = start(*do("a"), script=outcomes(a=FAILED))
        world.settle()
        marked = execution.runs_of("a")[0]
        assert send(world, execution, ev.TaskRunMarked, task_run_id=marked.id, state=SUCCESS) is None
        assert (marked.state, marked.attempts[-1].state) == (SUCCESS, SUCCESS)

    def test_a_task_run_marked_failed_fails_what_is_around_it(self) -> None:
        world, execution = start(task("g", "Sequential", tasks=do("a")), *do("c"), errors=do("e"))
        world.settle()
        send(world, execution, ev.TaskRunMarked, task_run_id=execution.runs_of("a")[0].id, state=FAILED)
        world.settle()
        assert draw(execution) == "FAILED\n  g FAILED\n    a FAILED\n  c SUCCESS\n  e SUCCESS"

    def test_a_paused_one_marked_running_is_resumed(self) -> None:
        world, execution = start(task("p", "Pause"), *do("b"))
        world.settle()
        send(world, execution, ev.TaskRunMarked, task_run_id=execution.runs[0].id, state=State.RUNNING)
        world.settle()
        assert execution.state is SUCCESS

    def test_a_paused_one_may_get_any_end(self) -> None:
        world, execution = start(task("p", "Pause", pauseDuration="PT1H"), *do("b"))
        until_state(world, execution, State.PAUSED)
        send(world, execution, ev.TaskRunMarked, task_run_id=execution.runs[0].id, state=State.WARNING)
        world.settle()
        assert draw(execution) == "WARNING\n  p WARNING\n  b SUCCESS"

    def test_what_cannot_be_marked_is_refused(self) -> None:
        world, execution = start(
            task("w", "WorkingDirectory", tasks=do("a")),
            *do("slow"),
            **{"finally": do("f")},
            script=outcomes(slow=SLOW),
        )
        at(world, 10)
        refused = {
            each.task_id: send(world, execution, ev.TaskRunMarked, task_run_id=each.id, state=SUCCESS)
            for each in execution.runs
            if each.task_id in ("a", "slow")
        }
        assert refused["a"] == "what runs inside a WorkingDirectory cannot be marked: mark the directory"
        assert refused["slow"] == "a task run that is RUNNING cannot be marked SUCCESS"
        world.settle()
        last = execution.runs_of("f")[0]
        assert send(world, execution, ev.TaskRunMarked, task_run_id=last.id, state=FAILED) is not None


class TestForcedStates:
    def test_an_ended_execution_may_get_another_end(self) -> None:
        world, execution = start(*do("a"))
        world.settle()
        assert send(world, execution, ev.StatusForced, state=State.CANCELLED) is None
        assert execution.state is State.CANCELLED
        assert send(world, execution, ev.StatusForced, state=State.RUNNING) == "RUNNING is no end of an execution"

    def test_one_that_runs_may_not(self) -> None:
        world, execution = start(*do("slow"), script=outcomes(slow=SLOW))
        at(world, 5)
        assert send(world, execution, ev.StatusForced, state=SUCCESS) == "the execution is RUNNING"

    def test_labels_may_be_set_at_any_time(self) -> None:
        world, execution = start(*do("a"))
        world.settle()
        send(world, execution, ev.LabelsSet, labels={"team": "red"})
        assert execution.execution.labels["team"] == "red"
