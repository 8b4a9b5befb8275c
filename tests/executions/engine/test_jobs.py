"""Attempts: started once, ended once, lost, drained, tried again."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from executions.engine import events as ev
from executions.engine.jobs import job_child_id
from executions.engine.retries import delay
from executions.simulator.faults import Faults
from executions.simulator.fleet import Done
from executions.simulator.world import Simulator
from plugins.contracts import Retry, State
from tests.executions.engine.drawing import (
    do,
    draw,
    drawing,
    flow_of,
    history,
    messages,
    outcomes,
    run,
    send,
    start,
    task,
)

FAILED = State.FAILED
CONSTANT = {"type": "constant", "interval": "PT10S", "maxAttempts": 3}


def begun():
    """One task, its job waiting, with nothing simulated: the test is the worker."""
    world, execution = start(*do("a"))
    send(world, execution, ev.Created)
    world.clock.clear()
    return world, execution, execution.runs[0]


def test_a_job_is_ordered_with_its_attempt_group_and_timeout() -> None:
    world, execution = start(*do("a", timeout="PT5S", workerGroup={"key": "gpu"}))
    decisions = world.send(execution, lambda at, seed: ev.Created(at=at, seed=seed))
    (order,) = decisions.jobs
    assert (order.task_id, order.attempt, order.workers and order.workers.key) == ("a", 1, "gpu")
    assert order.timeout == timedelta(seconds=5)
    assert execution.runs[0].waits_for == "worker"


def test_a_task_without_a_group_runs_in_that_of_its_flow() -> None:
    world, execution = start(*do("a", runIf="{{ kv('x') }}"), *do("b"), workerGroup={"key": "lab"})
    decisions = world.send(execution, lambda at, seed: ev.Created(at=at, seed=seed))
    assert [each.workers and each.workers.key for each in decisions.evaluations] == ["lab"]
    _, plain = start(*do("a"), workerGroup={"key": "lab"})
    decisions = world.send(plain, lambda at, seed: ev.Created(at=at, seed=seed))
    assert [order.workers and order.workers.key for order in decisions.jobs] == ["lab"]


def test_an_attempt_is_started_at_most_once() -> None:
    world, execution, each = begun()
    assert send(world, execution, ev.JobStarted, task_run_id=each.id, attempt=1, worker_id="w") is None
    again = send(world, execution, ev.JobStarted, task_run_id=each.id, attempt=1, worker_id="v")
    assert again == "the task run is RUNNING and waits for no worker"
    assert [attempt.worker_id for attempt in each.attempts] == ["w"]


@pytest.mark.parametrize("attempt", [0, 2])
def test_only_the_next_attempt_can_start(attempt) -> None:
    world, execution, each = begun()
    refused = send(world, execution, ev.JobStarted, task_run_id=each.id, attempt=attempt, worker_id="w")
    assert refused == f"attempt {attempt} is not the next one"


def test_an_attempt_ends_at_most_once() -> None:
    world, execution, each = begun()
    send(world, execution, ev.JobStarted, task_run_id=each.id, attempt=1, worker_id="w")
    assert send(world, execution, ev.JobEnded, task_run_id=each.id, attempt=1, state=State.SUCCESS) is None
    late = send(world, execution, ev.JobEnded, task_run_id=each.id, attempt=1, state=FAILED)
    assert late == "attempt 1 is not running"
    assert each.state is State.SUCCESS


def test_an_end_whose_start_was_not_told_counts_as_both() -> None:
    world, execution, each = begun()
    assert send(world, execution, ev.JobEnded, task_run_id=each.id, attempt=1, state=State.SUCCESS) is None
    assert history(each) == "CREATED RUNNING SUCCESS"


def test_an_attempt_cannot_end_in_a_state_that_is_no_end() -> None:
    world, execution, each = begun()
    refused = send(world, execution, ev.JobEnded, task_run_id=each.id, attempt=1, state=State.PAUSED)
    assert refused == "PAUSED is no end of an attempt"


def test_what_nobody_knows_is_refused() -> None:
    world, execution, _ = begun()
    for event, fields in (
        (ev.JobStarted, {"task_run_id": "x", "attempt": 1, "worker_id": "w"}),
        (ev.JobLost, {"task_run_id": "x", "attempt": 1}),
        (ev.TimerFired, {"key": "retry:x:1"}),
        (ev.TimerFired, {"key": "nonsense"}),
        (ev.Evaluated, {"key": "gate:x"}),
        (ev.Evaluated, {"key": "outputs"}),
    ):
        assert send(world, execution, event, **fields)


def test_outputs_and_labels_of_an_attempt_are_kept() -> None:
    said = Done(State.SUCCESS, {"n": 1}, labels={"team": "blue"})
    execution = run(*do("a"), script=outcomes(a=said))
    assert execution.runs[0].outputs == {"n": 1}
    assert execution.execution.labels["team"] == "blue"


def test_a_lost_attempt_is_resubmitted_and_spends_no_retry() -> None:
    world, execution, each = begun()
    send(world, execution, ev.JobStarted, task_run_id=each.id, attempt=1, worker_id="w")
    assert send(world, execution, ev.JobLost, task_run_id=each.id, attempt=1) is None
    assert history(each) == "CREATED RUNNING CREATED"
    assert [attempt.state for attempt in each.attempts] == [State.RESUBMITTED]
    assert send(world, execution, ev.JobLost, task_run_id=each.id, attempt=1) == "attempt 1 is not running"


def test_a_job_lost_before_it_started_is_offered_again() -> None:
    world, execution, each = begun()
    decisions = world.send(execution, lambda at, seed: ev.JobLost(at=at, seed=seed, task_run_id=each.id, attempt=1))
    assert [order.attempt for order in decisions.jobs] == [1]


def test_a_task_that_kills_its_workers_fails_after_three_losses() -> None:
    world = Simulator(faults=Faults(crashes=1.0), script=outcomes())
    world.add(flow_of(*do("a", retry=CONSTANT)))
    execution = world.run("company.team", "drawn")
    assert draw(execution) == "FAILED\n  a FAILED x3"
    assert messages(execution) == ["worker lost 3 times"]
    assert execution.runs[0].attempts[-1].error == "worker lost 3 times"


def test_a_drain_counts_for_nothing() -> None:
    world, execution, each = begun()
    for attempt in range(1, 6):
        send(world, execution, ev.JobStarted, task_run_id=each.id, attempt=attempt, worker_id="w")
        send(world, execution, ev.JobLost, task_run_id=each.id, attempt=attempt, is_drained=True)
    assert each.state is State.CREATED
    assert execution.state is State.RUNNING


def test_a_failed_attempt_is_tried_again_at_its_time() -> None:
    execution = run(*do("a", retry=CONSTANT), script=outcomes(a=[FAILED, FAILED, State.SUCCESS]))
    assert draw(execution) == "SUCCESS\n  a SUCCESS x3"
    each = execution.runs[0]
    assert history(each) == "CREATED RUNNING FAILED RETRYING CREATED RUNNING FAILED RETRYING CREATED RUNNING SUCCESS"
    told = "CREATED RUNNING FAILED RETRYING RUNNING FAILED RETRYING RUNNING SUCCESS"
    assert history(execution.execution) == told
    gap = each.attempts[1].history[0].date - each.attempts[0].history[-1].date
    assert gap == timedelta(seconds=10)


def test_tries_are_bounded_by_number() -> None:
    assert draw(run(*do("a", retry=CONSTANT), script=outcomes(a=FAILED))) == "FAILED\n  a FAILED x3"


def test_tries_are_bounded_by_time_since_the_first() -> None:
    retry = {"type": "constant", "interval": "PT10S", "maxDuration": "PT25S"}
    assert draw(run(*do("a", retry=retry), script=outcomes(a=FAILED))) == "FAILED\n  a FAILED x3"


def test_what_is_not_retryable_is_not_tried_again() -> None:
    said = Done(FAILED, error="never", is_retryable=False)
    assert draw(run(*do("a", retry=CONSTANT), script=outcomes(a=said))) == "FAILED\n  a FAILED"


def test_a_killed_or_warning_attempt_is_not_tried_again() -> None:
    for state in (State.KILLED, State.WARNING):
        assert draw(run(*do("a", retry=CONSTANT), script=outcomes(a=state))) == f"{state}\n  a {state}"


def test_a_success_after_several_tries_may_be_a_warning() -> None:
    retry = {**CONSTANT, "warningOnRetry": True}
    assert run(*do("a", retry=retry), script=outcomes(a=[FAILED, State.SUCCESS])).state is State.WARNING
    assert run(*do("a", retry=retry)).state is State.SUCCESS


def test_errors_wait_until_no_try_is_left() -> None:
    execution = run(*do("a", retry=CONSTANT), errors=do("e"), script=outcomes(a=FAILED))
    assert draw(execution) == "FAILED\n  a FAILED x3\n  e SUCCESS"


def test_the_nearest_retry_counts_task_then_group_then_flow() -> None:
    tries = lambda number: {"type": "constant", "interval": "PT1S", "maxAttempts": number}  # noqa: E731
    group = task("g", "Parallel", onChildFailure="CONTINUE", retry=tries(2), tasks=[*do("a", retry=tries(4)), *do("b")])
    execution = run(group, *do("c"), retry=tries(3), script=outcomes(a=FAILED, b=FAILED))
    assert draw(execution) == drawing(
        """
        FAILED
          g FAILED
            a FAILED x4
            b FAILED x2
        """
    )
    assert draw(run(*do("c"), retry=tries(3), script=outcomes(c=FAILED))) == "FAILED\n  c FAILED x3"


def test_other_task_runs_go_on_while_one_waits_for_its_retry() -> None:
    parallel = task("p", "Parallel", tasks=[*do("a", retry=CONSTANT), task("s", "Sequential", tasks=do("b", "c"))])
    execution = run(parallel, script=outcomes(a=[FAILED, State.SUCCESS]))
    assert execution.runs_of("c")[0].history[-1].date < execution.runs_of("a")[0].history[-1].date
    assert execution.state is State.SUCCESS


def test_a_retry_may_be_a_new_execution() -> None:
    retry = {**CONSTANT, "behavior": "CREATE_NEW_EXECUTION"}
    world, first = start(task("g", "Sequential", tasks=do("a", retry=retry)), script=outcomes(a=FAILED))
    world.settle()
    states = [each.state for each in world.executions.values()]
    assert states == [State.RETRIED, State.RETRIED, FAILED]
    assert draw(first) == drawing(
        """
        RETRIED
          g RETRIED
            a RETRIED
        """
    )
    last = list(world.executions.values())[-1].execution
    assert (last.attempt_number, last.original_id) == (3, first.id)
    assert last.original_created_date == first.execution.start_date


def test_the_decision_names_the_number_and_time_of_the_next_execution() -> None:
    retry = {**CONSTANT, "behavior": "CREATE_NEW_EXECUTION"}
    world, execution = start(*do("a", retry=retry))
    send(world, execution, ev.Created)
    world.clock.clear()
    decisions = world.send(
        execution,
        lambda at, seed: ev.JobEnded(at=at, seed=seed, task_run_id=execution.runs[0].id, attempt=1, state=FAILED),
    )
    assert decisions.retry_execution is not None
    assert decisions.retry_execution.attempt_number == 2
    assert decisions.retry_execution.due_at == world.clock.now + timedelta(seconds=10)
    assert decisions.has_ended


def test_a_new_execution_takes_the_place_of_all_that_still_ran() -> None:
    retry = {**CONSTANT, "maxAttempts": 2, "behavior": "CREATE_NEW_EXECUTION"}
    slow = Done(State.SUCCESS, took=timedelta(minutes=1))
    parallel = task("p", "Parallel", tasks=[*do("a", retry=retry), *do("slow")])
    world, first = start(parallel, script=outcomes(a=FAILED, slow=slow))
    world.settle()
    assert draw(first) == drawing(
        """
        RETRIED
          p RETRIED
            a RETRIED
            slow KILLED
        """
    )


@pytest.mark.parametrize(
    ("retry", "tries", "seconds"),
    [
        ({"type": "constant", "interval": "PT3S"}, 1, 3),
        ({"type": "constant", "interval": "PT3S"}, 9, 3),
        ({"type": "exponential", "interval": "PT2S", "maxInterval": "PT1M"}, 1, 2),
        ({"type": "exponential", "interval": "PT2S", "maxInterval": "PT1M"}, 2, 4),
        ({"type": "exponential", "interval": "PT2S", "maxInterval": "PT1M", "delayFactor": 3}, 3, 18),
        ({"type": "exponential", "interval": "PT2S", "maxInterval": "PT1M"}, 30, 60),
        ({"type": "exponential", "interval": "PT2S", "maxInterval": "PT1M"}, 100_000, 60),
        ({"type": "random", "minInterval": "PT5S", "maxInterval": "PT5S"}, 1, 5),
    ],
)
def test_delays(retry, tries, seconds) -> None:
    assert delay(Retry.model_validate(retry), tries, random.Random(1)) == timedelta(seconds=seconds)


def test_a_random_delay_lies_between_its_bounds() -> None:
    retry = Retry.model_validate({"type": "random", "minInterval": "PT5S", "maxInterval": "PT10S"})
    delays = [delay(retry, 1, random.Random(seed)) for seed in range(50)]
    assert all(timedelta(seconds=5) <= each < timedelta(seconds=10) for each in delays)
    assert len(set(delays)) > 40


class TestWorkingDirectory:
    def test_its_tasks_appear_one_after_the_other(self) -> None:
        execution = run(task("w", "WorkingDirectory", tasks=do("a", "b")), *do("c"))
        assert draw(execution) == drawing(
            """
            SUCCESS
              w SUCCESS
                a SUCCESS
                b SUCCESS
              c SUCCESS
            """
        )

    def test_it_stops_at_the_first_that_fails_and_its_errors_run(self) -> None:
        directory = task("w", "WorkingDirectory", tasks=do("a", "b"), errors=do("e"), **{"finally": do("f")})
        execution = run(directory, script=outcomes(a=FAILED))
        assert draw(execution) == drawing(
            """
            FAILED
              w FAILED
                a FAILED
                e SUCCESS
                f SUCCESS
            """
        )

    def test_an_allowed_failure_does_not_stop_it(self) -> None:
        directory = task("w", "WorkingDirectory", tasks=[*do("a", allowFailure=True), *do("b")])
        execution = run(directory, script=outcomes(a=FAILED))
        assert draw(execution) == drawing(
            """
            WARNING
              w WARNING
                a WARNING
                b SUCCESS
            """
        )

    def test_when_its_worker_is_lost_it_begins_anew(self) -> None:
        world, execution = start(task("w", "WorkingDirectory", tasks=do("a", "b")))
        send(world, execution, ev.Created)
        world.clock.clear()
        directory = execution.runs[0]
        send(world, execution, ev.JobStarted, task_run_id=directory.id, attempt=1, worker_id="w")
        child = execution.runs[1]
        send(world, execution, ev.JobStarted, task_run_id=child.id, attempt=1, worker_id="w")
        send(world, execution, ev.JobEnded, task_run_id=child.id, attempt=1, state=State.SUCCESS)
        assert len(execution.runs) == 3
        send(world, execution, ev.JobLost, task_run_id=directory.id, attempt=1)
        assert [each.task_id for each in execution.runs] == ["w"]
        send(world, execution, ev.JobStarted, task_run_id=directory.id, attempt=2, worker_id="w")
        assert execution.runs[1].id != child.id

    def test_when_its_job_ends_what_ran_inside_ends_with_it(self) -> None:
        world, execution = start(task("w", "WorkingDirectory", tasks=do("a", "b")))
        send(world, execution, ev.Created)
        world.clock.clear()
        directory = execution.runs[0]
        send(world, execution, ev.JobStarted, task_run_id=directory.id, attempt=1, worker_id="w")
        child = execution.runs[1]
        assert child.id == job_child_id(directory.id, 1, 0)
        assert send(world, execution, ev.JobLost, task_run_id=child.id, attempt=1) == "attempt 1 is not running"
        send(world, execution, ev.JobStarted, task_run_id=child.id, attempt=1, worker_id="w")
        send(world, execution, ev.JobEnded, task_run_id=directory.id, attempt=1, state=FAILED)
        assert draw(execution) == "FAILED\n  w FAILED\n    a KILLED"
        assert child.attempts[-1].state is State.KILLED
        assert child.waits_for is None

    def test_one_whose_run_if_does_not_hold_is_skipped_by_the_worker(self) -> None:
        world, execution = start(task("w", "WorkingDirectory", tasks=do("a", "b")))
        send(world, execution, ev.Created)
        world.clock.clear()
        directory = execution.runs[0]
        send(world, execution, ev.JobStarted, task_run_id=directory.id, attempt=1, worker_id="w")
        child = execution.runs[1]
        assert send(world, execution, ev.JobEnded, task_run_id=child.id, attempt=1, state=State.SKIPPED) is None
        assert history(child) == "CREATED SKIPPED"
        assert [[step.state.value for step in each.history] for each in child.attempts] == [["CREATED", "SKIPPED"]]
        assert execution.runs[2].task_id == "b"
        send(world, execution, ev.JobEnded, task_run_id=directory.id, attempt=1, state=State.SUCCESS)
        assert draw(execution) == "SUCCESS\n  w SUCCESS\n    a SKIPPED"

    def test_it_ends_at_least_as_badly_as_its_tasks(self) -> None:
        execution = run(task("w", "WorkingDirectory", tasks=do("a", "b")), script=outcomes(a=State.WARNING))
        assert draw(execution) == "WARNING\n  w WARNING\n    a WARNING\n    b SUCCESS"

    def test_after_three_losses_it_fails_and_its_errors_run(self) -> None:
        world = Simulator(faults=Faults(crashes=1.0), script=outcomes())
        world.add(
            flow_of(task("w", "WorkingDirectory", tasks=do("a"), errors=[task("e", "Sequential", tasks=do("x"))]))
        )
        execution = world.run("company.team", "drawn")
        assert execution.runs_of("w")[0].state is FAILED
        assert execution.runs_of("e")

    def test_its_tasks_know_the_value_of_the_loop_around_it(self) -> None:
        directory = task("w", "WorkingDirectory", tasks=do("a", format="{{ taskrun.value }} {{ workerTaskrun.value }}"))
        world, execution = start(task("l", "ForEach", values=["x"], tasks=[directory]))
        world.script = None
        world.settle()
        assert execution.runs_of("a")[0].outputs == {"value": "x x"}
