"""An operator cancels: nothing more begins, and what runs is let end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from executions.engine import events as ev
from executions.simulator.fleet import Done
from plugins.contracts import State
from tests.executions.engine.drawing import at, do, draw, history, outcomes, send, start, task

SLOW = outcomes(slow=Done(State.SUCCESS, took=timedelta(minutes=1)))


def test_what_runs_is_let_end_and_nothing_more_begins() -> None:
    world, execution = start(*do("slow", "b"), script=SLOW)
    at(world, 5)
    assert send(world, execution, ev.CancelRequested) is None
    world.settle()
    assert draw(execution) == "CANCELLED\n  slow SUCCESS"
    assert history(execution.execution) == "CREATED RUNNING CANCELLED"


def test_what_stands_after_the_end_still_runs() -> None:
    world, execution = start(*do("slow", "b"), script=SLOW, afterExecution=do("last"))
    at(world, 5)
    send(world, execution, ev.CancelRequested)
    world.settle()
    assert draw(execution) == "CANCELLED\n  slow SUCCESS\n  last SUCCESS"


def test_one_that_waits_in_a_pause_ends_at_once() -> None:
    world, execution = start(task("p", "Pause"), *do("b"))
    at(world, 5)
    send(world, execution, ev.CancelRequested)
    assert execution.state is State.CANCELLED


def test_a_second_one_changes_nothing() -> None:
    world, execution = start(*do("slow"), script=SLOW)
    at(world, 5)
    send(world, execution, ev.CancelRequested)
    assert send(world, execution, ev.CancelRequested) == "the execution is ending"


def test_it_can_still_be_killed() -> None:
    world, execution = start(*do("slow"), script=SLOW)
    at(world, 5)
    send(world, execution, ev.CancelRequested)
    send(world, execution, ev.KillRequested)
    world.settle()
    assert draw(execution) == "KILLED\n  slow KILLED"


def test_one_that_has_ended_is_left_alone() -> None:
    world, execution = start(*do("a"))
    world.settle()
    assert send(world, execution, ev.CancelRequested) == "the execution is SUCCESS"


@pytest.mark.parametrize("state", [State.KILLED, State.CANCELLED])
def test_it_may_end_before_it_begins(state) -> None:
    world, execution = start(*do("a"))
    send(world, execution, ev.Created, stopped_as=state)
    assert draw(execution) == state.value
    assert history(execution.execution) == f"CREATED {state}"


def test_a_loop_after_the_end_begins_no_more_turns_once_it_is_killed() -> None:
    """Not even when the ends of its turns are not its own."""
    loop = task("lp", "Loop", values=["1", "2", "3"], concurrencyLimit=1, transmitFailed=False, tasks=do("slow"))
    world, execution = start(*do("a"), script=SLOW, afterExecution=[loop])
    at(world, 20)
    send(world, execution, ev.KillRequested)
    world.settle()
    assert draw(execution) == "SUCCESS\n  a SUCCESS\n  lp KILLED"
