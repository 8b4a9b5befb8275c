"""Turns of loops as rows: begun and ended in the transaction of their loop."""

from __future__ import annotations

from typing import Any

import pytest

from control_plane.kernel.scope import tenant_scope
from executions.models import Execution, OutboxEvent
from executions.services.acting import delete_execution, kill_execution, restart_execution
from tests.cast import ACME, Cast
from tests.executions.ground import FakeWorker, ended, row, save, start, task_runs
from workers.runtime.protocol import Item, Job

pytestmark = pytest.mark.django_db

LOOP = """
id: looping
namespace: prod.data
inputs: [{id: i, type: STRING, defaults: in}]
tasks:
  - id: before
    type: io.kestra.plugin.core.debug.Return
    format: outer
  - id: lp
    type: io.kestra.plugin.core.flow.Loop
    values: VALUES
    SETTINGS
    outputs: [{id: o, type: STRING, value: "{{ item.value }} {{ outputs.a.value }}"}]
    tasks:
      - id: a
        type: io.kestra.plugin.core.debug.Return
        format: "{{ item.value }} {{ outputs.before.value }} {{ inputs.i }} {{ outputs.lp.outputs ?? [] }}"
  - id: after
    type: io.kestra.plugin.core.debug.Return
    format: "{{ outputs.lp.outputs }}"
"""


def looping(people: Cast, values: str = "[x, y]", settings: str = "concurrencyLimit: 1", source: str = LOOP) -> Any:
    save(people, source.replace("VALUES", values).replace("SETTINGS", settings))
    return start(people, "looping")


def turns(execution_id: str) -> list[Execution]:
    with tenant_scope(ACME):
        return list(Execution.objects.filter(parent_id=execution_id).order_by("parent_iteration"))


def task_run(execution_id: str, task_id: str) -> Any:
    return next(run for run in task_runs(execution_id) if run.task_id == task_id)


def waiting_events() -> int:
    with tenant_scope(ACME):
        return OutboxEvent.objects.count()


class Scopes:
    """Ends every job, remembering what each could see."""

    def __init__(self, **states: str) -> None:
        self.seen: dict[str, dict[str, Any]] = {}
        self.states = states

    def __call__(self, job: Job) -> Item:
        value = (job.scope.get("item") or {}).get("value", (job.task or {})["id"])
        self.seen[value] = job.scope
        return ended(job, state=self.states.get(value, "SUCCESS"), value=f"of {value}")


def test_each_turn_is_an_execution_under_its_loop(people: Cast) -> None:
    execution = looping(people)
    scopes = Scopes()
    FakeWorker().work_off(scopes)
    assert row(execution.id).state == "SUCCESS"
    first, second = turns(execution.id)
    assert [(each.kind, each.state, each.loop_run["value"]) for each in (first, second)] == [
        ("LOOP", "SUCCESS", "x"),
        ("LOOP", "SUCCESS", "y"),
    ]
    assert [run.task_id for run in task_runs(first.id)] == ["a"]
    assert task_run(execution.id, "lp").outputs == {
        "iterationCount": 2,
        "runningIterations": 0,
        "terminatedIterations": {"SUCCESS": 2},
        "outputs": [
            {"item": {"value": "x", "iteration": 0}, "outputs": {"o": "x of x"}},
            {"item": {"value": "y", "iteration": 1}, "outputs": {"o": "y of y"}},
        ],
    }
    assert waiting_events() == 0


def test_a_job_of_a_turn_sees_what_stands_around_the_loop(people: Cast) -> None:
    execution = looping(people)
    scopes = Scopes()
    FakeWorker().work_off(scopes)
    scope = scopes.seen["y"]
    assert scope["item"] == {"value": "y", "index": 1}
    assert scope["inputs"] == {"i": "in"}
    assert scope["execution"]["id"] == execution.id
    assert scope["outputs"]["before"] == {"value": "of before"}
    assert scope["outputs"]["lp"]["outputs"] == [{"item": {"value": "x", "iteration": 0}, "outputs": {"o": "x of x"}}]
    assert scopes.seen["after"]["outputs"]["lp"]["terminatedIterations"] == {"SUCCESS": 2}


def test_the_answer_to_a_report_carries_the_first_job_of_the_next_turn(people: Cast) -> None:
    looping(people)
    worker = FakeWorker()
    (job,) = worker.claim()
    (of_x,) = worker.succeed(job, want=1, value="b").jobs
    (of_y,) = worker.succeed(of_x, want=1, value="x").jobs
    assert (of_x.scope["item"]["value"], of_y.scope["item"]["value"]) == ("x", "y")


def test_a_failed_turn_fails_its_loop_and_a_restart_goes_on_from_there(people: Cast) -> None:
    execution = looping(people, "[x, y, z]")
    FakeWorker().work_off(Scopes(y="FAILED"))
    assert row(execution.id).state == "FAILED"
    assert [each.state for each in turns(execution.id)] == ["SUCCESS", "FAILED"]
    restart_execution(people.olga.context(ACME), execution_id=execution.id)
    FakeWorker().work_off(Scopes())
    assert row(execution.id).state == "SUCCESS"
    assert [each.state for each in turns(execution.id)] == ["SUCCESS"] * 3
    told = task_run(execution.id, "lp").outputs
    assert [each["item"]["value"] for each in told["outputs"]] == ["x", "y", "z"]
    assert told["terminatedIterations"] == {"SUCCESS": 3}


def test_a_kill_reaches_the_turns_that_run(people: Cast) -> None:
    execution = looping(people, "[x, y, z]", "concurrencyLimit: 2")
    worker = FakeWorker()
    worker.succeed(worker.claim()[0], value="b")
    claimed = worker.claim()
    kill_execution(people.olga.context(ACME), execution_id=execution.id)
    worker.report(*(ended(job, state="KILLED") for job in claimed))
    assert row(execution.id).state == "KILLED"
    assert {each.state for each in turns(execution.id)} == {"KILLED"}


def test_many_turns_begin_in_batches(people: Cast) -> None:
    execution = looping(people, '"{{ range(1, 450) }}"', "concurrencyLimit: 0")
    FakeWorker().work_off(Scopes())
    assert task_run(execution.id, "lp").outputs["terminatedIterations"] == {"SUCCESS": 450}


def test_outputs_may_be_kept_in_files(people: Cast) -> None:
    execution = looping(people, settings="fetchType: STORE")
    FakeWorker().work_off(Scopes())
    first = turns(execution.id)[0]
    (of_x, _) = task_run(execution.id, "lp").outputs["outputs"]
    assert of_x["outputs"]["uri"].startswith(f"kestra:///prod/data/looping/executions/{first.id}/")


def test_loops_nest(people: Cast) -> None:
    inner = """
      - id: inner
        type: io.kestra.plugin.core.flow.Loop
        values: [p, q]
        tasks:
          - id: b
            type: io.kestra.plugin.core.debug.Return
            format: "{{ item.parent.value }} {{ outputs.before.value }} {{ outputs.a.value }}"
"""
    execution = looping(people, source=LOOP.replace("  - id: after", inner.strip("\n") + "\n  - id: after"))
    scopes = Scopes()
    FakeWorker().work_off(scopes)
    assert row(execution.id).state == "SUCCESS"
    assert scopes.seen["q"]["item"]["parents"] == [{"index": 1, "value": "y"}]
    assert set(scopes.seen["q"]["outputs"]) == {"before", "a"}
    assert scopes.seen["q"]["execution"]["id"] == execution.id
    assert [len(turns(each.id)) for each in turns(execution.id)] == [2, 2]


def test_a_deleted_turn_does_not_hold_up_its_loop(people: Cast) -> None:
    execution = looping(people)
    worker = FakeWorker()
    worker.succeed(worker.claim()[0], value="b")
    (turn,) = turns(execution.id)
    delete_execution(people.olga.context(ACME), execution_id=turn.id)
    assert row(execution.id).state == "KILLED"


def test_turns_go_with_their_execution(people: Cast) -> None:
    execution = looping(people)
    FakeWorker().work_off(Scopes())
    delete_execution(people.olga.context(ACME), execution_id=execution.id)
    assert turns(execution.id) == []
