from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.queue import tickets
from workers.queue.leases import parts_of
from workers.queue.orders import group_channel
from workers.runtime.protocol import Item, Report

addresses = st.lists(st.builds("acme.{}.{}".format, st.integers(0, 6), st.integers()), unique=True, max_size=30)


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


def test_reports_of_one_job_keep_their_order() -> None:
    early, last = parts_of(report("acme.a.1", "acme.b.1", "acme.a.2"), 2)
    assert [[item.job_id for item in part.items] for part in [*early, last]] == [["acme.a.1", "acme.a.2"], ["acme.b.1"]]


def test_who_holds_a_request_open_is_told_once_of_each_group(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, object]] = []
    monkeypatch.setattr(tickets, "publish", told.extend)
    monkeypatch.setattr(tickets, "takers", Counter)
    tickets.send(["gpu", "default", "gpu"])
    tickets.send([])
    assert sorted(told, key=lambda message: message[0]) == [(group_channel("default"), {}), (group_channel("gpu"), {})]
