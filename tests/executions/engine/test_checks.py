"""Checks that are made before an execution begins."""

from __future__ import annotations

from datetime import UTC, datetime

from executions.engine import events as ev
from executions.engine.checks import blocked, failed_checks, strongest
from executions.engine.compiled import compile_flow
from executions.engine.start import new_execution
from flows.expressions import Environment
from plugins.contracts import State
from tests.executions.engine.drawing import do, draw, flow_of, messages, send, start

FAILED, WARNING = State.FAILED, State.WARNING
AT = datetime(2024, 1, 1, tzinfo=UTC)


class TestChecks:
    CHECKS = [
        {"when": "{{ inputs.n > 1 }}", "message": "too small", "behavior": "CREATE_EXECUTION", "style": "WARNING"},
        {"when": "{{ inputs.n > 2 }}", "message": "much too small", "behavior": "FAIL_EXECUTION"},
        {"when": "{{ inputs.none.x }}", "message": "broken", "behavior": "BLOCK_EXECUTION"},
    ]

    def failed(self, n: int, count: int):
        flow = compile_flow(flow_of(*do("a"), checks=self.CHECKS[:count]))
        execution = new_execution(flow, id="x", tenant="main", at=AT, inputs={"n": n})
        return failed_checks(flow, execution, Environment())

    def test_those_that_do_not_hold_are_told(self) -> None:
        assert [each.message for each in self.failed(1, 2)] == ["too small", "much too small"]
        assert self.failed(9, 2) == []

    def test_one_that_cannot_be_rendered_does_not_hold(self) -> None:
        (broken,) = self.failed(9, 3)
        assert broken.message.startswith("Failed to evaluate check condition. Cause: Unable to find")

    def test_whoever_is_blocked_is_told_by_what(self) -> None:
        told = blocked(self.failed(1, 3))
        assert told.startswith(
            "Flow execution blocked: one or more condition checks evaluated to false.\nFailed checks: "
        )
        assert "too small" not in told and "`none`" in told

    def test_the_strongest_decides(self) -> None:
        assert [strongest(self.failed(1, count)).behavior for count in (1, 2, 3)] == [
            "CREATE_EXECUTION",
            "FAIL_EXECUTION",
            "BLOCK_EXECUTION",
        ]
        assert strongest([]) is None

    def test_a_failed_check_fails_the_execution_before_it_begins(self) -> None:
        world, execution = start(*do("a"))
        send(world, execution, ev.Created, failed_check="too small")
        assert draw(execution) == "FAILED"
        assert messages(execution) == ["too small"]
