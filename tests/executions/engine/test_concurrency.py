"""Slots: how many executions of a flow run at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from executions.engine import events as ev
from executions.simulator.fleet import Done
from executions.simulator.world import Simulator
from plugins.contracts import State
from tests.executions.engine.drawing import do, draw, flow_of, history, outcomes, send, start, until_state

FAILED, SUCCESS = State.FAILED, State.SUCCESS
SLOW = Done(SUCCESS, took=timedelta(minutes=1))


class TestConcurrency:
    def two(self, behavior: str):
        world = Simulator(script=outcomes(slow=SLOW))
        world.add(flow_of(*do("slow"), concurrency={"limit": 1, "behavior": behavior}))
        pair = [world.start("company.team", "drawn") for _ in range(2)]
        until_state(world, pair[0], State.RUNNING)
        world.until(lambda: pair[1].state is not State.CREATED)
        return world, *pair

    def test_one_too_many_waits_for_a_slot(self) -> None:
        world, first, second = self.two("QUEUE")
        assert second.state is State.QUEUED
        world.settle()
        assert history(second.execution) == "CREATED QUEUED RUNNING SUCCESS"
        assert second.execution.history[2].date >= first.execution.history[-1].date

    @pytest.mark.parametrize(("behavior", "ends"), [("CANCEL", State.CANCELLED), ("FAIL", FAILED)])
    def test_one_too_many_is_cancelled_or_failed_without_a_task_run(self, behavior, ends) -> None:
        _, _, second = self.two(behavior)
        assert draw(second) == ends.value
        assert history(second.execution) == f"CREATED {ends}"

    @pytest.mark.parametrize(
        ("event", "fields", "becomes"),
        [
            (ev.Unqueued, {}, State.RUNNING),
            (ev.Unqueued, {"state": State.CANCELLED}, State.CANCELLED),
            (ev.Unqueued, {"state": FAILED}, FAILED),
            (ev.RunForced, {}, State.RUNNING),
            (ev.KillRequested, {}, State.KILLED),
        ],
    )
    def test_a_queued_one_may_be_let_go(self, event, fields, becomes) -> None:
        world, _, second = self.two("QUEUE")
        assert send(world, second, event, **fields) is None
        assert second.state is becomes

    def test_a_queued_one_cannot_become_anything(self) -> None:
        world, _, second = self.two("QUEUE")
        assert send(world, second, ev.Unqueued, state=State.PAUSED) == "a queued execution cannot become PAUSED"

    def test_one_that_was_never_started_may_be_forced(self) -> None:
        world, execution = start(*do("a"))
        assert send(world, execution, ev.RunForced) is None
        world.settle()
        assert execution.state is SUCCESS
