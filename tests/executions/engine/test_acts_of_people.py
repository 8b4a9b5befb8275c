"""Kill, pause, resume, breakpoints, restart, replay, marks, forced states."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest

from executions.engine import acts
from executions.engine import events as ev
from executions.engine.compiled import compile_flow
from executions.engine.simulator.fleet import Done
from executions.engine.simulator.memory import MemoryLedger
from executions.engine.simulator.simulated import Simulated
from executions.engine.simulator.world import Simulator
from plugins.contracts import State
from tests.executions.engine.drawing import (
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
    until_state,
)

FAILED, SUCCESS = State.FAILED, State.SUCCESS
SLOW = Done(SUCCESS, took=timedelta(minutes=1))
LATER = datetime(2024, 2, 1, tzinfo=UTC)


def at(world: Simulator, seconds: float) -> None:
    """Let that much time pass."""
    end = world.clock.now + timedelta(seconds=seconds)
    world.clock.plan(end, lambda: None)
    world.until(lambda: world.clock.now >= end)


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


class TestRestart:
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


class TestReplay:
    def replayed(self, execution: Simulated, task_id: str, **over) -> Simulated:
        run_id = execution.runs_of(task_id)[0].id
        record, runs = acts.replay(execution.flow, execution.ledger, run_id, id="replayed", at=LATER, seed=3, **over)
        return Simulated(execution.flow, MemoryLedger(record, runs))

    def test_from_the_start_it_is_a_fresh_execution(self) -> None:
        execution = run(*do("a"), script=outcomes(a=FAILED))
        record, runs = acts.replay(execution.flow, execution.ledger, id="new", at=LATER, seed=1)
        assert (record.state, runs, record.parent_id, record.original_id) == (
            State.CREATED,
            [],
            execution.id,
            execution.id,
        )

    def test_the_first_of_a_chain_stays_the_original(self) -> None:
        execution = run(*do("a"))
        first, _ = acts.replay(execution.flow, execution.ledger, id="new", at=LATER, seed=1)
        second, _ = acts.replay(execution.flow, MemoryLedger(first), id="newer", at=LATER, seed=1)
        assert (second.parent_id, second.original_id) == ("new", execution.id)

    def test_from_a_task_earlier_results_stay_and_later_ones_go(self) -> None:
        execution = run(*do("a", "b", "c"), errors=do("e"))
        copy = self.replayed(execution, "b")
        assert draw(copy) == "RESTARTED\n  a SUCCESS\n  b RESTARTED"
        assert draw(execution) == "SUCCESS\n  a SUCCESS\n  b SUCCESS\n  c SUCCESS"
        assert not {each.id for each in copy.runs} & {each.id for each in execution.runs}

    def test_it_runs_to_the_end(self) -> None:
        world, execution = start(*do("a", "b", "c"))
        world.settle()
        copy = self.replayed(execution, "b")
        again = world.adopt(execution.flow, copy.execution, copy.runs)
        world.settle()
        assert draw(again) == "SUCCESS\n  a SUCCESS\n  b SUCCESS x2\n  c SUCCESS"

    def test_beside_it_in_a_parallel_results_stay(self) -> None:
        world, execution = start(task("p", "Parallel", tasks=do("a", "b")), *do("c"))
        world.settle()
        copy = self.replayed(execution, "b")
        assert draw(copy) == "RESTARTED\n  p RUNNING\n    a SUCCESS\n    b RESTARTED"

    def test_in_a_dag_only_what_depends_on_it_goes(self) -> None:
        dag = task(
            "d",
            "Dag",
            tasks=[
                {"task": task("a")},
                {"task": task("b"), "dependsOn": ["a"]},
                {"task": task("c"), "dependsOn": ["b"]},
                {"task": task("x")},
            ],
        )
        world, execution = start(dag)
        world.settle()
        copy = self.replayed(execution, "a")
        assert sorted(each.task_id for each in copy.runs) == ["a", "d", "x"]
        again = world.adopt(execution.flow, copy.execution, copy.runs)
        world.settle()
        assert again.state is SUCCESS
        assert len(again.runs) == 5

    def test_a_flowable_begins_anew_without_its_old_children(self) -> None:
        world, execution = start(*do("a"), task("l", "ForEach", values=["x", "y"], tasks=do("b")))
        world.settle()
        copy = self.replayed(execution, "l")
        assert draw(copy) == "RESTARTED\n  a SUCCESS\n  l RUNNING"
        again = world.adopt(execution.flow, copy.execution, copy.runs)
        world.settle()
        assert draw(again) == draw(execution)

    def test_values_of_a_loop_after_it_run_again_within_the_limit(self) -> None:
        loop = task("l", "EachSequential", value=["x", "y", "z"], tasks=do("a", "b"))
        world, execution = start(loop)
        world.settle()
        copy = self.replayed(execution, "b")
        assert draw(copy) == drawing(
            """
            RESTARTED
              l RUNNING
                a[x] SUCCESS
                b[x] RESTARTED
                a[y] SUCCESS
                a[z] SUCCESS
            """
        )
        again = world.adopt(execution.flow, copy.execution, copy.runs)
        world.settle()
        assert again.state is SUCCESS
        ends = [each.history[-1].date for each in again.runs_of("b")]
        assert len(set(ends)) == 3

    def test_what_cannot_be_replayed_is_refused(self) -> None:
        execution = run(*do("a"), errors=do("e"), script=outcomes(a=FAILED))
        for run_id in ("nobody", execution.runs_of("e")[0].id):
            with pytest.raises(acts.ActRefused):
                acts.replay(execution.flow, execution.ledger, run_id, id="n", at=LATER, seed=1)

    def test_the_replayed_execution_is_not_touched(self) -> None:
        execution = run(task("l", "ForEach", values=["x", "y"], tasks=do("a", "b")), *do("c"))
        before = deepcopy(execution.runs)
        self.replayed(execution, "b")
        assert execution.runs == before


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
        assert send(world, execution, ev.StatusForced, state=State.RUNNING) == "RUNNING is no end"

    def test_one_that_runs_may_not(self) -> None:
        world, execution = start(*do("slow"), script=outcomes(slow=SLOW))
        at(world, 5)
        assert send(world, execution, ev.StatusForced, state=SUCCESS) == "the execution is RUNNING"

    def test_labels_may_be_set_at_any_time(self) -> None:
        world, execution = start(*do("a"))
        world.settle()
        send(world, execution, ev.LabelsSet, labels={"team": "red"})
        assert execution.execution.labels["team"] == "red"


def test_terminal_states_absorb_whatever_comes() -> None:
    world, execution = start(*do("a"))
    world.settle()
    each = execution.runs[0]
    before = (deepcopy(execution.execution), deepcopy(execution.runs))
    for event, fields in (
        (ev.Created, {}),
        (ev.JobStarted, {"task_run_id": each.id, "attempt": 2, "worker_id": "w"}),
        (ev.JobEnded, {"task_run_id": each.id, "attempt": 1, "state": FAILED}),
        (ev.JobLost, {"task_run_id": each.id, "attempt": 1}),
        (ev.ChildChanged, {"task_run_id": each.id, "child_id": "c", "state": FAILED}),
        (ev.ChildRefused, {"task_run_id": each.id, "reason": "no"}),
        (ev.TimerFired, {"key": f"retry:{each.id}:1"}),
        (ev.Evaluated, {"key": f"gate:{each.id}"}),
        (ev.SlotFreed, {}),
        (ev.KillRequested, {}),
        (ev.PauseRequested, {}),
        (ev.ResumeRequested, {}),
        (ev.BreakpointResumed, {}),
        (ev.RunForced, {}),
        (ev.Unqueued, {}),
    ):
        assert send(world, execution, event, **fields), event
    assert (execution.execution, execution.runs) == before


def test_every_event_has_its_states() -> None:
    from executions.engine.fold import _TAKE
    from executions.engine.transition_table import ACCEPTS

    kinds = {kind for kind in vars(ev).values() if isinstance(kind, type) and issubclass(kind, ev.Event)} - {ev.Event}
    assert set(ACCEPTS) == kinds == set(_TAKE)


def test_a_compiled_flow_names_the_task_and_its_document() -> None:
    flow = compile_flow(flow_of(task("l", "ForEach", values=["x"], tasks=do("a"))))
    assert flow.task("a").id == "a"
    assert flow.document("a")["format"] == "{{ task.id }}"
    assert [node.id for node in flow.ancestors("a")] == ["l"]
    with pytest.raises(KeyError):
        flow.task("nobody")
