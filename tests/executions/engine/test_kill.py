"""A kill stops what runs, and nothing more begins."""

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

FAILED, SUCCESS, KILLED = State.FAILED, State.SUCCESS, State.KILLED
SLOW = Done(SUCCESS, took=timedelta(minutes=1))


class TestKill:
    def test_what_runs_is_stopped_what_waits_ends_and_nothing_more_begins(self) -> None:
        group = task("g", "Sequential", tasks=do("slow", "b"), errors=do("e"), **{"finally": do("f")})
        world, execution = start(group, errors=do("far"), script=outcomes(slow=SLOW))
        at(world, 5)
        assert send(world, execution, ev.KillRequested) is None
        assert execution.state is State.KILLING
        world.settle()
        assert draw(execution) == drawing(
            """
            KILLED
              g KILLED
                slow KILLED
            """
        )
        assert history(execution.execution) == "CREATED RUNNING KILLING KILLED"

    def test_a_waiting_job_is_withdrawn(self) -> None:
        world, execution = start(*do("a"))
        send(world, execution, ev.Created)
        decisions = world.send(execution, lambda at, seed: ev.KillRequested(at=at, seed=seed))
        assert decisions.kill_jobs == [execution.runs[0].id]
        assert execution.state is State.KILLED
        world.settle()
        assert execution.runs[0].attempts == []

    def test_one_that_has_not_begun_ends_at_once(self) -> None:
        world, execution = start(*do("a"))
        send(world, execution, ev.KillRequested)
        assert draw(execution) == "KILLED"
        world.settle()
        assert draw(execution) == "KILLED"

    def test_what_was_killed_gives_no_outputs(self) -> None:
        declared = [{"id": "x", "type": "STRING", "value": "{{ execution.id }}"}]
        world, execution = start(*do("slow"), outputs=declared, script=outcomes(slow=SLOW))
        at(world, 5)
        send(world, execution, ev.KillRequested)
        world.settle()
        assert (execution.state, execution.execution.outputs) == (State.KILLED, None)

    def test_a_second_kill_and_a_kill_after_the_end_are_refused(self) -> None:
        world, execution = start(*do("slow"), script=outcomes(slow=SLOW))
        at(world, 5)
        send(world, execution, ev.KillRequested)
        assert send(world, execution, ev.KillRequested) == "the execution is KILLING"
        world.settle()
        assert send(world, execution, ev.KillRequested) == "the execution is KILLED"

    def test_a_lost_worker_does_not_keep_it_alive(self) -> None:
        world, execution = start(*do("a"))
        send(world, execution, ev.Created)
        world.clock.clear()
        each = execution.runs[0]
        send(world, execution, ev.JobStarted, task_run_id=each.id, attempt=1, worker_id="w")
        send(world, execution, ev.KillRequested)
        send(world, execution, ev.JobLost, task_run_id=each.id, attempt=1)
        assert draw(execution) == "KILLED\n  a KILLED"

    def test_a_retry_that_waits_is_given_up(self) -> None:
        retry = {"type": "constant", "interval": "PT1H", "maxAttempts": 3}
        world, execution = start(*do("a", retry=retry), script=outcomes(a=FAILED))
        until_state(world, execution, State.RETRYING)
        send(world, execution, ev.KillRequested)
        assert draw(execution) == "KILLED\n  a KILLED"
        world.settle()
        assert len(execution.runs[0].attempts) == 1

    def test_a_paused_one_can_be_killed(self) -> None:
        world, execution = start(task("p", "Pause"))
        until_state(world, execution, State.PAUSED)
        send(world, execution, ev.KillRequested)
        assert draw(execution) == "KILLED\n  p KILLED"

    def test_after_the_end_it_stops_what_runs_after_it(self) -> None:
        world, execution = start(*do("a"), afterExecution=do("slow", "c"), script=outcomes(slow=SLOW))
        until_state(world, execution, SUCCESS)
        at(world, 5)
        assert send(world, execution, ev.KillRequested) is None
        world.settle()
        assert draw(execution) == drawing(
            """
            SUCCESS
              a SUCCESS
              slow KILLED
            """
        )

    def test_a_loop_that_waits_for_its_next_round_ends_at_once(self) -> None:
        often = {"interval": "PT1H", "maxIterations": 9, "maxDuration": "PT9H"}
        loop = task("l", "LoopUntil", condition="{{ false }}", checkFrequency=often, tasks=do("a"))
        world, execution = start(loop, *do("b"))
        at(world, 60)
        assert send(world, execution, ev.KillRequested) is None
        assert draw(execution) == "KILLED\n  l KILLED\n    a SUCCESS"
        at(world, 7200)
        assert draw(execution) == "KILLED\n  l KILLED\n    a SUCCESS"
