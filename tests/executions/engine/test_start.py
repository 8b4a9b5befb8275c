"""What an execution begins with: its labels and its date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from executions.engine.compiled import compile_flow
from executions.engine.start import forbidden_labels, new_execution
from tests.executions.engine.drawing import do, flow_of, start

AT = datetime(2024, 1, 1, tzinfo=UTC)


class TestLabels:
    def test_given_labels_win_and_system_labels_of_the_flow_stay_behind(self) -> None:
        flow = compile_flow(flow_of(*do("a"), labels={"a": "flow", "b": "flow", "system.readOnly": "true"}))
        execution = new_execution(flow, id="x", tenant="main", at=AT, labels={"a": "given", "": "none", "c": ""})
        assert execution.labels == {"a": "given", "b": "flow", "system.correlationId": "x"}

    def test_a_correlation_id_is_passed_on(self) -> None:
        flow = compile_flow(flow_of(*do("a")))
        execution = new_execution(flow, id="x", tenant="main", at=AT, labels={"system.correlationId": "first"})
        assert execution.labels == {"system.correlationId": "first"}

    def test_nobody_may_give_system_labels(self) -> None:
        assert forbidden_labels({"a": "b", "system.correlationId": "x", "system.readOnly": "y"}) == ["system.readOnly"]


def test_an_execution_with_a_date_begins_then() -> None:
    world, execution = start(*do("a"))
    due = AT + timedelta(hours=1)
    execution = world.start("company.team", "drawn", schedule_date=due)
    world.settle()
    assert execution.execution.history[1].date == due


def test_a_flow_that_was_never_saved_counts_as_its_first_revision() -> None:
    flow = compile_flow(flow_of(*do("a")))
    assert flow.flow.revision is None
    assert new_execution(flow, id="x", tenant="main", at=AT).flow_revision == 1
