"""Outputs that a Subflow task chooses of a flow that declares none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import Cast
from tests.executions.ground import FakeWorker, ended, log_flow, row, save, start, task_runs

pytestmark = pytest.mark.django_db

PARENT = """
id: parent
namespace: prod.data
tasks:
  - id: sub
    type: io.kestra.plugin.core.flow.Subflow
    namespace: prod.data
    flowId: hello
    outputs:
      made: "{{ EXPRESSION }}"
"""


def chosen(people: Cast, expression: str, child: str = "") -> tuple[str, dict[str, Any]]:
    """The state of the parent, and the outputs of its task."""
    save(people, log_flow() + child)
    save(people, PARENT.replace("EXPRESSION", expression))
    parent = start(people, "parent")
    FakeWorker().work_off(lambda job: ended(job, value="a"))
    (run,) = task_runs(parent.id)
    return row(parent.id).state, dict(run.outputs or {})


def test_they_are_rendered_with_the_variables_of_the_child(people: Cast) -> None:
    state, outputs = chosen(people, "outputs.log0.value ~ flow.id")
    assert (state, outputs["outputs"]) == ("SUCCESS", {"made": "ahello"})


def test_what_the_flow_declares_comes_first(people: Cast) -> None:
    declared = "\noutputs:\n  - {id: own, type: STRING, value: x}"
    assert chosen(people, "flow.id", declared)[1]["outputs"] == {"own": "x"}


def test_what_cannot_be_rendered_fails_the_task(people: Cast) -> None:
    state, _ = chosen(people, "secret('password')")
    assert state == "FAILED"


def test_nobody_looks_into_a_flow_of_another_namespace(people: Cast) -> None:
    save(people, log_flow().replace("prod.data", "dev"))
    save(people, PARENT.replace("EXPRESSION", "flow.id").replace("    namespace: prod.data", "    namespace: dev"))
    parent = start(people, "parent")
    FakeWorker().work_off()
    assert row(parent.id).state == "FAILED"
    assert "outputs" not in (task_runs(parent.id)[0].outputs or {})
