"""Flows that start when executions of others end: each change is heard once, whoever hears it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from control_plane.kernel.scope import tenant_scope
from executions.models import Execution, LogEntry
from tenants.services.namespaces import create_namespace
from tests.cast import ACME, Cast
from tests.executions.ground import FakeWorker, ended, save, start
from tests.triggers.ground import executions_of, trigger_of
from triggers.listening.listening import hear_changes
from triggers.models import Change

pytestmark = pytest.mark.django_db

UP = """
id: {flow_id}
namespace: {namespace}
tasks:
  - {{id: say, type: io.kestra.plugin.core.debug.Return, format: x}}
outputs:
  - {{id: said, type: STRING, value: from {flow_id}}}
{more}
"""
AFTER = """
triggers:
  - id: after
    type: io.kestra.plugin.core.trigger.Flow
    {how}
"""


def up(people: Cast, flow_id: str, how: str = "", more: str = "", namespace: str = "prod.data") -> None:
    listening = AFTER.format(how=how) if how else ""
    save(people, UP.format(flow_id=flow_id, namespace=namespace, more=f"{more}\n{listening}"))


def run(people: Cast, flow_id: str, state: str = "SUCCESS") -> str:
    execution = start(people, flow_id)
    FakeWorker().work_off(lambda job: ended(job, state=state, value="x"))
    hear_changes()
    return execution.id


def count(flow_id: str) -> int:
    return len(executions_of(flow_id))


def depends_on(*names: str, more: str = "") -> str:
    flows = ", ".join(f"{{namespace: prod.data, flowId: {name}}}" for name in names)
    return f"dependsOn: [{flows}]\n    {more}"


def test_it_starts_after_the_execution_it_waits_for_with_what_that_brought(people: Cast) -> None:
    up(people, "first")
    how = depends_on("first", more='inputs: {given: "{{ trigger.outputs.said }} and {{ outputs.say.value }}"}')
    up(people, "after", how, "inputs:\n  - {id: given, type: STRING}")
    upstream = run(people, "first")
    (execution,) = executions_of("after")
    assert execution.inputs == {"given": "from first and x"}
    assert execution.trigger is not None
    told = execution.trigger["variables"]
    assert (told["executionId"], told["flowId"], told["state"]) == (upstream, "first", "SUCCESS")
    assert trigger_of("after", "after").fired_at is not None


def test_a_state_it_does_not_look_at_starts_nothing_and_is_not_even_kept(people: Cast) -> None:
    up(people, "first")
    up(people, "after", depends_on("first", more="states: [FAILED]"))
    start(people, "first")
    FakeWorker().work_off()
    with tenant_scope(ACME):
        assert not Change.objects.exists()
    run(people, "first", "FAILED")
    assert count("after") == 1


def test_a_change_is_heard_once_however_many_hear(people: Cast) -> None:
    up(people, "first")
    up(people, "after", depends_on("first"))
    for _ in range(6):
        start(people, "first")
    FakeWorker().work_off(lambda job: ended(job, value="x"))

    def hear() -> None:
        try:
            hear_changes()
        finally:
            connection.close()

    threads = [threading.Thread(target=hear) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    hear_changes()
    assert count("after") == 6
    with tenant_scope(ACME):
        assert not Change.objects.exists()


def test_several_must_have_run_within_the_window(people: Cast) -> None:
    for flow_id in ("first", "second"):
        up(people, flow_id)
    up(people, "after", depends_on("first", "second", more="window: {every: P1D}"))
    up(people, "either", depends_on("first", "second", more="mode: ANY"))
    run(people, "first")
    assert (count("after"), count("either")) == (0, 1)
    run(people, "second")
    assert (count("after"), count("either")) == (1, 2)
    run(people, "second")
    assert count("after") == 1


def test_what_the_executions_before_it_brought_is_there_too(people: Cast) -> None:
    for flow_id in ("first", "second"):
        up(people, flow_id)
    up(people, "after", depends_on("first", "second"))
    run(people, "first")
    run(people, "second")
    (execution,) = executions_of("after")
    assert execution.trigger is not None
    outputs = execution.trigger["variables"]["outputs"]
    assert outputs["prod.data"]["first"] == {"said": "from first"}
    assert outputs["said"] == "from second"
    assert execution.labels["system.correlationId"] != execution.id


def test_a_when_that_cannot_be_rendered_is_told_in_the_log_of_the_execution_heard_of(people: Cast) -> None:
    up(people, "first")
    up(people, "after", depends_on("first", more='when: "{{ nothing.there }}"'))
    upstream = run(people, "first")
    assert count("after") == 0
    with tenant_scope(ACME):
        (line,) = LogEntry.objects.filter(execution_id=upstream, level="WARN")
    assert "Evaluate Condition Failed" in line.message
    assert "Evaluate Condition Failed" in str(trigger_of("after", "after").problem)


def test_preconditions_of_the_generation_before_are_heard_too(people: Cast) -> None:
    for flow_id in ("first", "second"):
        up(people, flow_id)
    flows = "flows: [{namespace: prod.data, flowId: first}, {namespace: prod.data, flowId: second, states: [FAILED]}]"
    up(people, "after", f"preconditions: {{id: both, timeWindow: {{type: SLIDING_WINDOW, window: PT1H}}, {flows}}}")
    run(people, "first")
    run(people, "second")
    assert count("after") == 0
    run(people, "second", "FAILED")
    assert count("after") == 1


def test_a_chain_of_flows_runs_to_its_end(people: Cast) -> None:
    up(people, "first")
    up(people, "second", depends_on("first"))
    up(people, "third", depends_on("second"))
    run(people, "first")
    FakeWorker().work_off(lambda job: ended(job, value="x"))
    hear_changes()
    assert (count("second"), count("third")) == (1, 1)


def test_a_loop_is_refused_with_its_path(people: Cast) -> None:
    up(people, "first", depends_on("third"))
    up(people, "second", depends_on("first"))
    up(people, "third", depends_on("second"))
    run(people, "first")
    for _ in range(4):
        FakeWorker().work_off(lambda job: ended(job, value="x"))
        hear_changes()
    assert [count(name) for name in ("first", "second", "third")] == [1, 1, 1]
    problem = trigger_of("first", "after").problem
    path = "prod.data.first > prod.data.second > prod.data.third > prod.data.first"
    assert problem == f"It would start itself in a circle: {path}"


def test_inputs_that_cannot_be_made_start_nothing_and_the_page_says_why(people: Cast) -> None:
    up(people, "first")
    up(
        people,
        "after",
        depends_on("first", more='inputs: {n: "{{ trigger.outputs.nobody }}"}'),
        "inputs: [{id: n, type: INT}]",
    )
    up(people, "other", depends_on("first"))
    run(people, "first")
    assert (count("after"), count("other")) == (0, 1)
    assert "nobody" in str(trigger_of("after", "after").problem)


def test_a_namespace_that_lets_nobody_in_is_not_listened_to(people: Cast) -> None:
    up(people, "first")
    up(people, "after", depends_on("first"), namespace="elsewhere")
    run(people, "first")
    assert count("after") == 0
    assert "may not be looked into from namespace 'elsewhere'" in str(trigger_of("after", "after").problem)
    settings: dict[str, Any] = {"allowedNamespaces": [{"namespace": "elsewhere"}]}
    create_namespace(people.olga.context(ACME), name="prod.data", variables={}, settings=settings)
    run(people, "first")
    assert count("after") == 1


def test_one_that_is_disabled_does_not_hear(people: Cast) -> None:
    up(people, "first")
    up(people, "after", depends_on("first", more="disabled: true"))
    run(people, "first")
    assert count("after") == 0


def test_an_execution_that_is_gone_when_it_is_told_of_starts_nothing(people: Cast) -> None:
    up(people, "first")
    up(people, "after", depends_on("first"))
    start(people, "first")
    FakeWorker().work_off(lambda job: ended(job, value="x"))
    with tenant_scope(ACME):
        Execution.objects.all().delete()
    hear_changes()
    with tenant_scope(ACME):
        assert not Change.objects.exists()
    assert count("after") == 0
