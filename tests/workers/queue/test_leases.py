from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.queue import tickets
from workers.queue.leases import MOST_TOGETHER, parts_of
from workers.queue.orders import group_channel
from workers.runtime.protocol import Item, Report

# Mostly few, and in about half of the cases more executions than one transaction folds.
jobs_of = st.lists(st.integers(0, 3 * MOST_TOGETHER), max_size=30)
addresses = st.tuples(jobs_of, st.integers(0, 3 * MOST_TOGETHER)).map(
    lambda drawn: [f"acme.{subject}.{place}" for place, subject in enumerate([*range(drawn[1]), *drawn[0]])]
)


def report(*job_ids: str) -> Report:
    items = [Item(job_id=job_id, attempt=1) for job_id in job_ids]
    return Report(request_id="r", worker_id="w", items=items, want_jobs=5)


@given(job_ids=addresses, most=st.integers(1, 4))
def test_parts_say_together_what_the_report_says(job_ids: list[str], most: int) -> None:
    early, last = parts_of(report(*job_ids), most)
    told = [item.job_id for part in [*early, last] for item in part.items]
    assert sorted(told) == sorted(job_ids)
    assert len(early) <= most
    assert [part.want_jobs for part in early] == [0] * len(early)
    assert last.want_jobs == 5
    assert {part.request_id for part in [*early, last]} == {"r"}


@given(job_ids=addresses, most=st.integers(1, 4))
def test_no_execution_is_touched_by_two_parts(job_ids: list[str], most: int) -> None:
    early, last = parts_of(report(*job_ids), most)
    subjects = [{item.job_id.rpartition(".")[0] for item in part.items} for part in [*early, last]]
    assert sum(map(len, subjects)) == len(set().union(*subjects))


def test_what_one_transaction_may_fold_is_not_parted() -> None:
    told = report("acme.a.1", "acme.b.1", "acme.a.2")
    assert parts_of(told, 3) == ([], report("acme.a.1", "acme.a.2", "acme.b.1"))


def test_executions_that_are_too_many_for_one_transaction_are_folded_at_the_same_time() -> None:
    early, last = parts_of(report(*(f"acme.{number}.1" for number in range(3 * MOST_TOGETHER + 1))), 3)
    assert [len(part.items) for part in [*early, last]] == [11, 11, 11, MOST_TOGETHER]


def test_who_holds_a_request_open_is_told_once_of_each_group(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, object]] = []
    monkeypatch.setattr(tickets, "publish", told.extend)
    monkeypatch.setattr(tickets, "takers", Counter)
    tickets.send(["gpu", "default", "gpu"])
    tickets.send([])
    assert sorted(told, key=lambda message: message[0]) == [(group_channel("default"), {}), (group_channel("gpu"), {})]
