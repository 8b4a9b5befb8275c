"""The right to each job by this machine's clock, and the orders that come with it."""

from __future__ import annotations

import time

from tests.workers.runtime.control_plane import job
from workers.runtime.leases import MAX_DOOMED, Leases
from workers.runtime.running import Running, claimed_job
from workers.runtime.stopping import Stop, Why


def running(job_id: str = "one", seconds: float = 30.0) -> Running:
    return claimed_job(job(job_id, lease_until=seconds), lambda running: None)


def test_an_order_may_come_before_the_job_it_is_about():
    leases, hurried = Leases(), running()
    leases.kill("one")
    leases.add(hurried, time.monotonic())
    assert hurried.stop.why is Why.KILLED
    again = running()
    leases.add(again, time.monotonic())
    assert again.stop.why is None


def test_no_more_orders_wait_than_memory_allows():
    leases = Leases()
    for number in range(MAX_DOOMED + 1):
        leases.kill(f"job-{number}")
    first, last = running("job-0"), running(f"job-{MAX_DOOMED}")
    leases.add(first, time.monotonic())
    leases.add(last, time.monotonic())
    assert (first.stop.why, last.stop.why) == (None, Why.KILLED)


def test_a_lease_that_is_not_renewed_is_overdue_before_it_ends():
    leases = Leases()
    leases.add(running("long", 30.0), time.monotonic())
    leases.add(running("short", 3.0), time.monotonic() - 2.1)
    assert [each.key for each in leases.overdue()] == ["short"]
    assert leases.renew({"short": 30.0}, ["short"], time.monotonic()) == []
    assert leases.overdue() == []


def test_a_heartbeat_tells_what_is_gone_and_nothing_of_what_it_did_not_ask():
    leases = Leases()
    for name in ("mine", "gone", "new"):
        leases.add(running(name), time.monotonic())
    found = leases.renew({"mine": 30.0}, ["mine", "gone", "ended"], time.monotonic())
    assert [each.key for each in found] == ["gone"]
    assert leases.find("new") is not None
    assert leases.find("ended") is None


def test_a_switch_is_turned_once_and_a_broken_callback_keeps_none_from_running():
    stop, heard = Stop(), []

    def broken() -> None:
        raise RuntimeError("no")

    stop.on_turn(broken)
    stop.on_turn(lambda: heard.append("before"))
    assert stop.turn(Why.TIMEOUT)
    assert not stop.turn(Why.KILLED)
    stop.on_turn(lambda: heard.append("after"))
    assert (stop.why, heard) == (Why.TIMEOUT, ["before", "after"])


def test_a_wait_ends_with_its_deadline():
    stop = Stop()
    assert stop.wait(60.0, time.monotonic() - 1)
    assert not stop.wait(0.0)
    stop.turn(Why.KILLED)
    assert stop.wait(60.0)
