"""Outputs that a Subflow task chooses of a flow that declares none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from control_plane.kernel.scope import tenant_scope
from executions.models import Execution, LogEntry
from executions.services.acting import kill_execution
from tests.cast import ACME, Cast
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


LOOPED = """
id: again
namespace: prod.data
tasks:
  - id: outer
    type: io.kestra.plugin.core.flow.Loop
    values: [x]
    tasks:
      - id: inner
        type: io.kestra.plugin.core.flow.Loop
        values: [y]
        tasks:
          - {id: sub, type: io.kestra.plugin.core.flow.Subflow, namespace: prod.data, flowId: "{{ flow.id }}", wait: WAITS}
"""
PLAIN = """
id: again
namespace: prod.data
tasks:
  - {id: sub, type: io.kestra.plugin.core.flow.Subflow, namespace: prod.data, flowId: "{{ flow.id }}", wait: WAITS}
  - {id: hold, type: io.kestra.plugin.core.flow.Pause}
"""


@pytest.fixture
def shallow(monkeypatch: pytest.MonkeyPatch) -> int:
    """So deep may executions start each other here."""
    limits = SimpleNamespace(limits=SimpleNamespace(subflow_depth=3))
    monkeypatch.setattr("executions.maintenance.outbox_folding.config", lambda: limits)
    return 3


def executions(**narrowed: Any) -> list[Execution]:
    with tenant_scope(ACME):
        return list(Execution.objects.filter(**narrowed).order_by("start_date"))


@pytest.mark.parametrize("waits", ["true", "false"])
@pytest.mark.parametrize("source", [PLAIN, LOOPED], ids=["plain", "in loops in loops"])
def test_a_flow_that_starts_itself_goes_only_so_deep(people: Cast, shallow: int, source: str, waits: str) -> None:
    save(people, source.replace("WAITS", waits))
    start(people, "again")
    FakeWorker().work_off()
    assert len(executions(loop_run__isnull=True)) == shallow
    path = " > ".join(["prod.data.again"] * (shallow + 1))
    with tenant_scope(ACME):
        assert LogEntry.objects.filter(message__contains=f"at most {shallow} deep: {path}").count() == 1


def test_a_kill_reaches_all_below_whoever_waits_for_whom(people: Cast) -> None:
    save(people, PLAIN.replace("id: again", "id: leaf").replace("  - {id: sub", "  # - {id: sub"))
    for flow_id, below in (("middle", "leaf"), ("top", "middle")):
        save(people, PLAIN.replace("again", flow_id).replace("{{ flow.id }}", below).replace("WAITS", "false"))
    top = start(people, "top")
    FakeWorker().work_off()
    assert [each.state for each in executions()] == ["PAUSED"] * 3
    kill_execution(people.olga.context(ACME), execution_id=top.id)
    FakeWorker().work_off()
    assert [(each.flow_id, each.state) for each in executions()] == [
        ("top", "KILLED"),
        ("middle", "KILLED"),
        ("leaf", "KILLED"),
    ]


def test_nobody_looks_into_a_flow_of_another_namespace(people: Cast) -> None:
    save(people, log_flow().replace("prod.data", "dev"))
    save(people, PARENT.replace("EXPRESSION", "flow.id").replace("    namespace: prod.data", "    namespace: dev"))
    parent = start(people, "parent")
    FakeWorker().work_off()
    assert row(parent.id).state == "FAILED"
    assert "outputs" not in (task_runs(parent.id)[0].outputs or {})
