"""Agreements about an execution, and what follows when one is broken."""

from __future__ import annotations

from datetime import timedelta

import pytest

from executions.engine import events as ev
from executions.simulator.fleet import Done
from plugins.contracts import State
from tests.executions.engine.drawing import do, draw, history, messages, outcomes, run, send, start

FAILED, SUCCESS, KILLED = State.FAILED, State.SUCCESS, State.KILLED
SLOW = Done(SUCCESS, took=timedelta(minutes=1))


class TestSla:
    @pytest.mark.parametrize(("behavior", "ends"), [("FAIL", FAILED), ("CANCEL", State.CANCELLED), ("NONE", SUCCESS)])
    def test_one_that_takes_too_long(self, behavior, ends) -> None:
        sla = [
            {"id": "s", "type": "MAX_DURATION", "duration": "PT10S", "behavior": behavior, "labels": {"late": "yes"}}
        ]
        execution = run(*do("slow", "b"), errors=do("e"), sla=sla, script=outcomes(slow=SLOW))
        assert execution.state is ends
        assert execution.execution.labels["late"] == "yes"
        assert bool(execution.runs_of("b")) is (ends is SUCCESS)
        assert not execution.runs_of("e")

    def test_one_in_time_is_left_alone(self) -> None:
        sla = [{"id": "s", "type": "MAX_DURATION", "duration": "PT10S", "behavior": "FAIL"}]
        assert run(*do("a"), sla=sla).state is SUCCESS

    def test_an_assertion_is_looked_at_at_every_change_and_acts_once(self) -> None:
        text = "{{ (tasks.a.state ?? '') != 'SUCCESS' }}"
        sla = [{"id": "s", "type": "EXECUTION_ASSERTION", "assert": text, "behavior": "FAIL"}]
        execution = run(*do("a", "b", "c"), sla=sla)
        assert draw(execution) == "FAILED\n  a SUCCESS"
        violated = f"SLA 's' violated: assertion is false: {text}."
        assert messages(execution) == [violated, f"Execution failed due to {violated}"]

    def test_an_assertion_that_cannot_be_rendered_does_not_hold_from_the_start(self) -> None:
        sla = [{"id": "s", "type": "EXECUTION_ASSERTION", "assert": "{{ nothing.at.all }}", "behavior": "FAIL"}]
        execution = run(*do("a"), sla=sla)
        assert draw(execution) == "FAILED"
        assert history(execution.execution) == "CREATED FAILED"

    def test_one_that_does_nothing_warns_at_every_change(self) -> None:
        sla = [{"id": "s", "type": "EXECUTION_ASSERTION", "assert": "{{ false }}", "behavior": "NONE"}]
        execution = run(*do("a"), sla=sla)
        assert execution.state is SUCCESS
        assert len(messages(execution)) > 2

    def test_a_timer_after_the_end_does_nothing(self) -> None:
        world, execution = start(*do("a"))
        world.settle()
        assert send(world, execution, ev.TimerFired, key="sla:0") == "the execution has ended"
