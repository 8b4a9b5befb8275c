"""A restart runs again what failed, and keeps the rest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from executions.engine import acts
from executions.engine import events as ev
from executions.simulator.fleet import Done
from plugins.contracts import State
from tests.executions.engine.drawing import (
    at,
    do,
    draw,
    drawing,
    flow_of,
    history,
    outcomes,
    run,
    send,
    start,
    task,
)

FAILED, SUCCESS, WARNING = State.FAILED, State.SUCCESS, State.WARNING
SLOW = Done(SUCCESS, took=timedelta(minutes=1))
LATER = datetime(2024, 2, 1, tzinfo=UTC)


class TestRestart:
    def test_what_a_scope_beside_does_about_its_failure_stays(self) -> None:
        """One Pause has failed and is busy with its errors; the other one waits, and is what a restart begins again."""
        failed = task("p", "Pause", pauseDuration="PT10S", behavior="FAIL", errors=do("e"))
        both = task("both", "Parallel", onChildFailure="CONTINUE", tasks=[failed, task("q", "Pause")])
        world, execution = start(both, script=outcomes(e=SLOW))
        at(world, 15)
        assert draw(execution) == "PAUSED\n  both RUNNING\n    p RUNNING\n      e RUNNING\n    q PAUSED"
        assert send(world, execution, ev.RestartRequested) is None
        at(world, 20)
        assert draw(execution) == "PAUSED\n  both RUNNING\n    p RUNNING\n      e RUNNING\n    q PAUSED"
        send(world, execution, ev.ResumeRequested)
        world.settle()
        assert draw(execution) == "FAILED\n  both FAILED\n    p FAILED\n      e SUCCESS\n    q SUCCESS"

    def test_what_ran_in_a_directory_that_has_succeeded_stays_with_its_outputs(self) -> None:
        seen = []

        def script(job):
            if job.task.id != "last":
                return None
            seen.append(job.scope["outputs"])
            return Done([FAILED, SUCCESS][job.attempt - 1])

        last = task("last", format="{{ outputs.inside.value }}")
        world, execution = start(task("d", "WorkingDirectory", tasks=do("inside")), last, script=script)
        world.settle()
        assert send(world, execution, ev.RestartRequested) is None
        world.settle()
        assert draw(execution) == "SUCCESS\n  d SUCCESS\n    inside SUCCESS\n  last SUCCESS x2"
        assert seen == [{"inside": {"value": "inside"}}] * 2

    def test_what_ran_in_a_directory_that_failed_runs_again(self) -> None:
        directory = task("d", "WorkingDirectory", tasks=do("a", "b", "c"))
        world, execution = start(directory, script=outcomes(b=[FAILED]))
        world.settle()
        assert draw(execution) == "FAILED\n  d FAILED\n    a SUCCESS\n    b FAILED"
        world.script = outcomes()
        assert send(world, execution, ev.RestartRequested) is None
        world.settle()
        drawn = "SUCCESS\n  d SUCCESS x2\n    a SUCCESS\n    b SUCCESS\n    c SUCCESS"
        assert draw(execution) == drawn

    def test_what_failed_runs_again_in_the_same_execution(self) -> None:
        world, execution = start(*do("a", "b", "c"), errors=do("e"), script=outcomes(b=[FAILED, SUCCESS]))
        world.settle()
        assert draw(execution) == "FAILED\n  a SUCCESS\n  b FAILED\n  e SUCCESS"
        assert send(world, execution, ev.RestartRequested) is None
        assert draw(execution) == "RESTARTED\n  a SUCCESS\n  b RESTARTED"
        world.settle()
        assert draw(execution) == "SUCCESS\n  a SUCCESS\n  b SUCCESS x2\n  c SUCCESS"
        assert history(execution.execution) == "CREATED RUNNING FAILED RESTARTED RUNNING SUCCESS"

    def test_its_ancestors_run_again_and_siblings_keep_their_results(self) -> None:
        loop = task("l", "ForEach", values=["x", "y"], concurrencyLimit=0, tasks=do("a", "b"))
        script = outcomes(b=[FAILED, SUCCESS])
        world, execution = start(loop, *do("z"), script=script)
        world.settle()
        assert execution.state is FAILED
        send(world, execution, ev.RestartRequested)
        assert [each.state for each in execution.runs_of("l")] == [State.RUNNING]
        assert [each.state for each in execution.runs_of("a")] == [SUCCESS, SUCCESS]
        world.settle()
        assert execution.state is SUCCESS

    def test_lanes_that_a_failure_cut_short_go_on(self) -> None:
        lanes = [task("s1", "Sequential", tasks=do("bad")), task("s2", "Sequential", tasks=do("slow", "after"))]
        loop = task("l", "ForEach", values=["x", "y"], concurrencyLimit=0, tasks=do("first", "second"))
        world, execution = start(
            task("p", "Parallel", tasks=[*lanes, loop]), script=outcomes(bad=[FAILED, SUCCESS], slow=SLOW)
        )
        world.settle()
        send(world, execution, ev.RestartRequested)
        world.settle()
        assert execution.state is SUCCESS
        assert len(execution.runs_of("second")) == 2

    def test_a_value_left_out_after_a_failure_gets_its_turn(self) -> None:
        loop = task("l", "ForEach", values=["x", "y", "z"], tasks=do("a"))
        world, execution = start(loop, script=outcomes(a=[FAILED, SUCCESS]))
        world.settle()
        send(world, execution, ev.RestartRequested)
        world.settle()
        states = [(each.value, each.state) for each in execution.runs_of("a")]
        assert states == [("x", SUCCESS), ("y", FAILED)]
        send(world, execution, ev.RestartRequested)
        world.settle()
        send(world, execution, ev.RestartRequested)
        world.settle()
        assert draw(execution).startswith("SUCCESS")

    def test_a_dag_goes_on_from_what_failed(self) -> None:
        dag = task(
            "d",
            "Dag",
            tasks=[
                {"task": task("a")},
                {"task": task("b"), "dependsOn": ["a"]},
                {"task": task("c"), "dependsOn": ["b"]},
            ],
        )
        world, execution = start(dag, script=outcomes(b=[FAILED, SUCCESS]))
        world.settle()
        send(world, execution, ev.RestartRequested)
        world.settle()
        assert draw(execution) == drawing(
            """
            SUCCESS
              d SUCCESS
                a SUCCESS
                b SUCCESS x2
                c SUCCESS
            """
        )

    def test_a_flowable_that_failed_by_itself_plans_anew(self) -> None:
        world, execution = start(task("i", "If", condition="{{ outputs.none.x }}", then=do("a")))
        world.settle()
        send(world, execution, ev.RestartRequested)
        assert history(execution.runs[0]) == "CREATED FAILED RESTARTED FAILED"

    def test_a_failure_that_was_allowed_is_left_alone(self) -> None:
        world, execution = start(
            task("g", "AllowFailure", tasks=do("a")), *do("b"), script=outcomes(a=FAILED, b=[FAILED, SUCCESS])
        )
        world.settle()
        send(world, execution, ev.RestartRequested)
        world.settle()
        assert draw(execution) == "WARNING\n  g WARNING\n    a FAILED\n  b SUCCESS x2"

    def test_a_working_directory_begins_anew(self) -> None:
        world, execution = start(task("w", "WorkingDirectory", tasks=do("a", "b")), script=outcomes(b=FAILED))
        world.settle()
        send(world, execution, ev.RestartRequested)
        assert draw(execution) == "RESTARTED\n  w RESTARTED"
        world.script = outcomes()
        world.settle()
        assert draw(execution) == "SUCCESS\n  w SUCCESS x2\n    a SUCCESS\n    b SUCCESS"

    def test_tries_are_counted_anew(self) -> None:
        retry = {"type": "constant", "interval": "PT1S", "maxAttempts": 2}
        world, execution = start(*do("a", retry=retry), script=outcomes(a=[FAILED, FAILED, FAILED, SUCCESS]))
        world.settle()
        send(world, execution, ev.RestartRequested)
        world.settle()
        assert draw(execution) == "SUCCESS\n  a SUCCESS x4"

    def test_what_was_killed_can_be_restarted(self) -> None:
        world, execution = start(*do("slow", "b"), script=outcomes(slow=SLOW))
        at(world, 5)
        send(world, execution, ev.KillRequested)
        world.settle()
        send(world, execution, ev.RestartRequested)
        world.settle()
        assert draw(execution) == "SUCCESS\n  slow SUCCESS x2\n  b SUCCESS"

    def test_nothing_to_restart_is_said(self) -> None:
        world, execution = start(*do("a"))
        world.settle()
        assert send(world, execution, ev.RestartRequested) == "No task found to restart execution from!"

    def test_in_another_revision_it_is_another_execution(self) -> None:
        world, execution = start(*do("a", "b", "c"), script=outcomes(b=FAILED))
        world.settle()
        newer = world.add(flow_of(*do("a", "b", "d")))
        record, runs = acts.restart_in(newer, execution.ledger, id="again", at=LATER, seed=1)
        assert (record.parent_id, record.flow_revision, record.state) == (execution.id, 2, State.RESTARTED)
        assert not {each.id for each in runs} & {each.id for each in execution.runs}
        world.script = outcomes()
        again = world.adopt(newer, record, runs)
        world.settle()
        assert draw(again) == "SUCCESS\n  a SUCCESS\n  b SUCCESS x2\n  d SUCCESS"
        assert draw(execution) == "FAILED\n  a SUCCESS\n  b FAILED"

    def test_in_another_revision_nothing_to_restart_is_refused(self) -> None:
        execution = run(*do("a"))
        with pytest.raises(acts.ActRefused):
            acts.restart_in(execution.flow, execution.ledger, id="again", at=LATER, seed=1)

    @pytest.mark.parametrize("state", [State.CANCELLED, FAILED])
    def test_one_that_waits_for_its_place_may_be_ended_instead(self, state) -> None:
        world, execution = start(*do("a", "b"), script=outcomes(b=FAILED))
        world.settle()
        assert send(world, execution, ev.RestartRequested, has_slot=False) is None
        assert execution.state is State.QUEUED
        assert send(world, execution, ev.Unqueued, state=state) is None
        world.settle()
        assert execution.state is state
        assert [run.state.is_terminal for run in execution.runs] == [True, True]

    def test_one_that_waits_for_its_place_goes_on_when_it_is_free(self) -> None:
        world, execution = start(*do("a", "b"), script=outcomes(b=[FAILED, SUCCESS]))
        world.settle()
        send(world, execution, ev.RestartRequested, has_slot=False)
        world.settle()
        assert execution.state is State.QUEUED
        assert send(world, execution, ev.SlotFreed) is None
        world.settle()
        assert draw(execution) == "SUCCESS\n  a SUCCESS\n  b SUCCESS x2"
