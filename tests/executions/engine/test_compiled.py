"""A compiled flow knows its tasks."""

from __future__ import annotations

import pytest

from executions.engine.compiled import compile_flow
from tests.executions.engine.drawing import do, flow_of, task


def test_a_compiled_flow_names_the_task_and_its_document() -> None:
    flow = compile_flow(flow_of(task("l", "ForEach", values=["x"], tasks=do("a"))))
    assert flow.task("a").id == "a"
    assert flow.document("a")["format"] == "{{ task.id }}"
    assert [node.id for node in flow.ancestors("a")] == ["l"]
    with pytest.raises(KeyError):
        flow.task("nobody")


def test_a_compiled_flow_allows_three_losses_unless_told_otherwise() -> None:
    assert compile_flow(flow_of(*do("a"))).max_losses == 3
    assert compile_flow(flow_of(*do("a")), max_losses=1).max_losses == 1
