"""What a worker does when the control plane is away, forgets it, or wants it gone."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.workers.runtime.control_plane import job
from workers.runtime import protocol
from workers.runtime.worker import NoLongerAccepted, Settings, Worker

SLEEP = {"id": "s", "type": "io.kestra.plugin.core.flow.Sleep", "duration": "PT60S"}


def test_a_report_whose_answer_was_lost_is_sent_again_and_recorded_once(plane, start):
    lost = iter([True, True])
    plane.lost = lambda path: path == "report" and next(lost, False)
    plane.offer(job("one"))
    start()
    plane.until(lambda: plane.count("report") >= 3)
    assert plane.end_of("one").state == "SUCCESS"
    ids = [content["requestId"] for path, content in plane.requests if path == "report"]
    assert len(set(ids)) <= len(ids) - 2
    told = {content["requestId"] for path, content in plane.requests if path == "report" and _ends(content)}
    assert len(told) == 1


def test_reports_wait_while_the_control_plane_is_away(plane, start):
    is_away = threading.Event()
    plane.broken = lambda path: path == "report" and is_away.is_set()
    is_away.set()
    plane.offer(*(job(f"job-{number}") for number in range(3)))
    start(slots=1)
    plane.until(lambda: "job-0" in plane.claimed)
    is_away.clear()
    plane.until(lambda: len(plane.ends) == 3)
    assert plane.messages("job-0") == ["job job-0"]


def test_a_claim_whose_answer_was_lost_brings_the_same_jobs(plane, start):
    lost = iter([True])
    plane.lost = lambda path: path == "claim" and next(lost, False)
    plane.offer(job("one"))
    start(slots=1)
    assert plane.end_of("one").state == "SUCCESS"


def test_a_task_is_stopped_before_its_lease_ends(plane, start):
    plane.lease_seconds = 1.5
    plane.heartbeat_seconds = 0.3
    begun = threading.Event()
    plane.broken = lambda path: begun.is_set()
    plane.offer(job("one", SLEEP, lease_until=1.5))
    worker = start()
    plane.until(lambda: "one" in plane.claimed)
    running = _running(worker, "one")
    begun.set()
    at = time.monotonic()
    assert running.stop.wait(1.5), "the lease ended and the task still ran"
    assert time.monotonic() - at < 1.5
    begun.clear()


def test_a_lease_that_is_renewed_keeps_the_task_running(plane, start):
    plane.lease_seconds = 1.0
    plane.heartbeat_seconds = 0.2
    plane.offer(job("one", {**SLEEP, "duration": "PT1.5S"}, lease_until=1.0))
    start()
    assert plane.end_of("one").state == "SUCCESS"


def test_a_job_that_is_somebody_elses_is_stopped_and_not_reported(plane, start):
    plane.heartbeat_seconds = 0.1
    plane.offer(job("one", SLEEP))
    worker = start()
    plane.until(lambda: "one" in plane.claimed)
    running = _running(worker, "one")
    plane.gone.add("one")
    assert running.stop.wait(5)
    plane.offer(job("two"))
    plane.end_of("two")
    assert "one" not in plane.ends


def test_a_report_that_is_refused_stops_the_task(plane, start):
    plane.gone.add("one")
    script = {"id": "s", "type": "io.kestra.plugin.scripts.shell.Commands", "commands": ["echo hi", "sleep 60"]}
    plane.offer(job("one", script))
    worker = start()
    plane.until(lambda: "one" in plane.claimed)
    assert _running(worker, "one").stop.wait(5)


def test_a_job_that_a_busy_worker_was_given_all_the_same_goes_back_at_once(plane, start):
    plane.offer(job("one", SLEEP))
    worker = start(slots=1)
    plane.until(lambda: [item.started for item in plane.items] == [True])
    worker._take([job("waiting")], time.monotonic(), 0)
    plane.until(lambda: plane.released == ["waiting"])
    assert "waiting" not in plane.ends
    assert worker._leases.find("waiting") is None


def test_a_drain_waits_for_what_runs(plane, start):
    plane.offer(job("one", {**SLEEP, "duration": "PT0.5S"}))
    worker = start(slots=1)
    plane.until(lambda: [item.started for item in plane.items] == [True])
    worker.drain()
    plane.until(lambda: plane.said_goodbye)
    assert plane.ends["one"].end.state == "SUCCESS"
    assert plane.released == []


def test_jobs_that_an_open_question_brings_to_a_worker_that_drains_go_back(plane, start):
    plane.longest_wait = 30.0
    worker = start(slots=1)
    plane.until(lambda: any(path == "claim" and content.get("wait") for path, content in plane.requests))
    worker.drain()
    plane.offer(job("late"))
    # A worker with nothing left to do may be gone first: then the end of the lease gives the job back.
    plane.until(lambda: plane.released == ["late"] or plane.said_goodbye)
    assert "late" not in plane.ends


def test_a_drain_that_lasts_too_long_hands_back_what_runs(plane, start):
    plane.offer(job("one", SLEEP))
    worker = start(slots=1, drain_seconds=0.2)
    plane.until(lambda: "one" in plane.claimed)
    _running(worker, "one")
    worker.drain()
    plane.until(lambda: plane.said_goodbye)
    assert (plane.released, plane.begun) == ([], ["one"])
    assert "one" not in plane.ends


def test_jobs_are_handed_back_again_when_nobody_answered_a_worker_that_drains(plane, start):
    lost = iter([True, True])
    plane.broken = lambda path: path == "release" and next(lost, False)
    plane.offer(job("one", SLEEP))
    worker = start(slots=1, drain_seconds=0.0)
    plane.until(lambda: [item.started for item in plane.items] == [True])
    worker.drain()
    plane.until(lambda: plane.said_goodbye)
    assert plane.begun == ["one"]


@pytest.mark.parametrize("status", [401, 404, 409])
def test_a_worker_that_is_no_longer_accepted_stops_its_tasks_and_ends(plane, status):
    plane.heartbeat_seconds = 0.1
    plane.offer(job("one", SLEEP))
    worker = Worker(Settings(url=plane.url, token="group-token", slots=1))
    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(worker.run)
        plane.until(lambda: [item.started for item in plane.items] == [True])
        plane.refused = lambda path: status
        with pytest.raises(NoLongerAccepted, match="not any more"):
            ended.result(15)
    assert "one" not in plane.ends


def test_the_long_poll_for_orders_is_open_again_soon_after_nobody_answered(plane, start):
    plane.heartbeat_seconds = 30.0
    is_away = threading.Event()
    plane.broken = lambda path: is_away.is_set()
    plane.offer(job("one", SLEEP))
    start()
    plane.until(lambda: plane.count("orders") > 0 and "one" in plane.claimed)
    is_away.set()
    plane.order(protocol.Order(order="kill", job_id="two"))
    asked = plane.count("orders")
    is_away.clear()
    plane.until(lambda: plane.count("orders") > asked, 2.0)
    plane.order(protocol.Order(order="kill", job_id="one"))
    assert plane.end_of("one", 2.0).state == "KILLED"


def test_an_order_to_drain_is_obeyed(plane, start):
    start()
    plane.until(lambda: plane.count("orders") > 0)
    plane.order(protocol.Order(order="drain"))
    plane.until(lambda: plane.said_goodbye)


def test_orders_also_come_with_the_heartbeat(plane, start):
    plane.heartbeat_seconds = 0.1
    plane.broken = lambda path: path == "orders"
    plane.offer(job("one", SLEEP))
    start()
    plane.until(lambda: "one" in plane.claimed)
    plane.order(protocol.Order(order="kill", job_id="one"))
    assert plane.end_of("one").state == "KILLED"


def test_a_worker_waits_for_a_control_plane_that_is_not_up_yet(plane, start):
    tries = []

    def broken(path: str) -> bool:
        tries.append(path)
        return len(tries) <= 1

    plane.broken = broken
    plane.offer(job("one"))
    start()
    assert plane.end_of("one").state == "SUCCESS"


def test_a_flood_of_lines_arrives_whole_and_in_order(plane, start):
    script = {"id": "s", "type": "io.kestra.plugin.scripts.shell.Commands", "commands": ["seq 1 30000"]}
    plane.offer(job("one", script))
    start()
    plane.end_of("one", 30)
    assert plane.messages("one") == [str(number) for number in range(1, 30001)]
    assert [line.n for line in plane.logs["one"]] == list(range(30000))


def test_lines_arrive_while_the_task_still_runs(plane, start):
    script = {"id": "s", "type": "io.kestra.plugin.scripts.shell.Commands", "commands": ["echo early", "sleep 30"]}
    plane.offer(job("one", script))
    start()
    plane.until(lambda: plane.messages("one") == ["early"])
    assert "one" not in plane.ends
    plane.order(protocol.Order(order="kill", job_id="one"))
    assert plane.end_of("one").state == "KILLED"


def _ends(report) -> bool:
    return any("end" in item for item in report["items"])


def _running(worker, job_id):
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        running = worker._leases.find(job_id)
        if running is not None:
            return running
        time.sleep(0.005)
    raise AssertionError("the job is not in hand")
