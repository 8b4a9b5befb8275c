"""A run goes batch by batch, is held by one process at a time, and another goes on where one has died."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from control_plane.kernel.scope import instance_scope
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import Conflict, NotFound
from governance.conf import RETENTION
from governance.models import RetentionTurn
from governance.retention.erasing import next_batch
from governance.retention.runner import Runner
from governance.retention.runs import next_to_work_on
from governance.retention.services import run_retention, save_retention, stop_retention
from tests.cast import ACME, GLOBEX, Cast
from tests.governance.retention.ground import (
    DAYS,
    all_files_are_old,
    executions,
    files,
    left,
    pair,
    policy,
    run,
    the_run,
    told,
    work,
)

pytestmark = pytest.mark.django_db


def test_one_run_of_a_place_at_a_time(people: Cast) -> None:
    begun = [run_retention(people.olga.context(ACME), namespace=name).id for name in ("", "prod")]
    for name in ("", "prod"):
        with pytest.raises(Conflict):
            run_retention(people.olga.context(ACME), namespace=name)
    work()
    assert [the_run(run_id).state for run_id in begun] == ["DONE", "DONE"]
    run_retention(people.olga.context(ACME), namespace="prod")


def small_batches(monkeypatch: pytest.MonkeyPatch, size: int = 2) -> None:
    few = replace(RETENTION, at_once=size, lines_at_once=size)
    for module in ("erasing", "files", "runner", "runs", "report"):
        monkeypatch.setattr(f"governance.retention.{module}.RETENTION", few, raising=False)


def test_it_goes_batch_by_batch_and_takes_all(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    small_batches(monkeypatch)
    executions(5)
    lines = executions(1, days=20)
    for number in range(5):
        pair(f"gone{number}", days=10, expired=40)
    policy(people, EXECUTIONS=[DAYS], LOGS=[{"olderThan": "P7D"}], METRICS=[{"olderThan": "P7D"}], KV=[DAYS])
    done = run(people)
    assert done.counts == {"EXECUTIONS": 5, "LOGS": 12, "METRICS": 6, "KV": 5, "FILES": 5}
    assert done.expected == {"EXECUTIONS": 5, "LOGS": 2, "METRICS": 1}
    assert left() == set(lines)


def test_another_process_goes_on_where_one_has_died(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    small_batches(monkeypatch)
    executions(5)
    all_files_are_old()
    policy(people, EXECUTIONS=[DAYS])
    begun = run_retention(people.olga.context(ACME), namespace="")
    dies = Runner()
    monkeypatch.setattr("governance.retention.runner.next_batch", fails_after(2))
    with pytest.raises(OperationalError):
        dies.carry_on()
    monkeypatch.undo()
    small_batches(monkeypatch)
    assert the_run(begun.id).counts == {"EXECUTIONS": 4, "LOGS": 8, "METRICS": 4}
    other = Runner()
    assert not other.carry_on()  # the lease of the one that died is not over
    with instance_scope():
        RetentionTurn.objects.update(held_until=now() - timedelta(seconds=1))
    assert other.carry_on()
    assert the_run(begun.id).counts == {"EXECUTIONS": 5, "LOGS": 10, "METRICS": 5, "FILES": 5}
    assert (left(), files()) == (set(), [])


def fails_after(batches: int) -> Any:
    """As a process that dies: what the batch has not committed is not there."""
    done = iter(range(batches))

    def next_or_die(step: Any, cursor: str) -> Any:
        if next(done, None) is None:
            raise OperationalError("the connection is lost")
        return next_batch(step, cursor)

    return next_or_die


def test_one_process_works_at_a_time_whatever_the_tenant(people: Cast) -> None:
    executions(1)
    executions(1, tenant=GLOBEX)
    policy(people, EXECUTIONS=[DAYS])
    save_retention(people.otto.context(GLOBEX), namespace="", rules={"EXECUTIONS": [DAYS]})
    run_retention(people.olga.context(ACME), namespace="")
    run_retention(people.otto.context(GLOBEX), namespace="")
    first, second = Runner(), Runner()
    assert next_to_work_on(first._me) is not None
    assert not second.carry_on()
    while first.carry_on():
        continue
    assert (left(), left(GLOBEX)) == (set(), set())


def test_a_run_that_is_stopped_takes_no_more(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    small_batches(monkeypatch)
    executions(5)
    policy(people, EXECUTIONS=[DAYS])
    begun = run_retention(people.olga.context(ACME), namespace="")
    Runner().carry_on(timedelta(0))
    stop_retention(people.olga.context(ACME), run_id=begun.id)
    work()
    assert (len(left()), the_run(begun.id).state) == (3, "STOPPED")
    with pytest.raises(Conflict):
        stop_retention(people.olga.context(ACME), run_id=begun.id)
    with pytest.raises(NotFound):
        stop_retention(people.otto.context(GLOBEX), run_id=begun.id)


def test_a_run_that_cannot_go_on_says_why_and_is_over(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("the storage is away")

    monkeypatch.setattr("governance.retention.runner.walk", fails)
    done = run(people)
    assert (done.state, done.failure) == ("FAILED", "the storage is away")
    assert '"failure":"the storage is away"' in str(told()[-1].body)
