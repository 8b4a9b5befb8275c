"""Strangers who send half of something, much of something or many guesses slow nobody down and fill no memory."""

from __future__ import annotations

import socket
import time

import pytest

from tests.bench.bench_watchers import web_memory
from tests.bench.instance import TENANT, Instance
from tests.faults.conftest import LOG, Drill
from tests.faults.siege import Siege

pytestmark = pytest.mark.faults

MEBIBYTE = 2**20
MOST_GROWTH = 50 * MEBIBYTE
MOST_TIMES = 3.0
FLOW = f"id: uploads\nnamespace: bench\ninputs:\n  - {{id: f, type: FILE}}\ntasks:\n  - {{id: a, {LOG}, message: a}}"


def read_times(instance: Instance, count: int) -> list[float]:
    """Seconds for each of so many reads of somebody who is signed in; one that is refused fails here."""
    instance.hang_up()
    times = []
    for _ in range(count):
        began = time.perf_counter()
        instance.ask("GET", f"/api/v1/{TENANT}/flows/search?size=10")
        times.append(time.perf_counter() - began)
    return sorted(times)


def p95(times: list[float]) -> float:
    return times[int(len(times) * 0.95)]


def test_a_small_siege_is_survived(drill: Drill) -> None:
    instance = drill.instance
    instance.hang_up()
    instance.save(FLOW)
    before = web_memory(instance)
    with Siege(instance, half_open=600, uploads=3, guesses_per_second=40) as siege:
        assert read_times(instance, 100)
        drill.wait(lambda: siege.answers["guess 429"] and siege.answers["upload 200"])
        assert instance.ask("GET", "/health/liveness") == {"status": "UP"}
        assert instance.ask("GET", "/health/readiness")["status"] == "UP"
        grown = web_memory(instance) - before
    assert {kind for kind in siege.answers if kind.startswith("guess")} <= {"guess 401", "guess 429"}, siege.answers
    assert {kind for kind in siege.answers if kind.startswith("upload")} == {"upload 200"}, siege.answers
    assert siege.retry_after and all(int(seconds) >= 1 for seconds in siege.retry_after)
    assert grown < MOST_GROWTH


@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("/api/v1/worker/claim", 60 * MEBIBYTE),
        ("/api/v1/worker/report", 60 * MEBIBYTE),
        ("/api/v1/worker/jobs/a.b.c/resolve", 60 * MEBIBYTE),
        (f"/api/v1/{TENANT}/executions/bench/quick", 150 * MEBIBYTE),
        (f"/api/v1/{TENANT}/flows/import", 150 * MEBIBYTE),
        ("/login", 150 * MEBIBYTE),
        ("/nowhere", 150 * MEBIBYTE),
    ],
)
def test_a_large_body_of_nobody_reaches_neither_memory_nor_disk(drill: Drill, path: str, size: int) -> None:
    instance = drill.instance
    before, written = web_memory(instance), drill.process("web").io_counters().write_bytes
    answers = [refused(instance, path, size) for _ in range(12)]
    assert set(answers) <= {"401", "413"}
    assert web_memory(instance) - before < 20 * MEBIBYTE
    assert drill.process("web").io_counters().write_bytes - written < MEBIBYTE


def refused(instance: Instance, path: str, size: int) -> str:
    """The status that comes while a body is still being sent."""
    kind = "multipart/form-data; boundary=x" if size > 100 * MEBIBYTE else "application/json"
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {kind}\r\ncontent-length: {size}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", instance.port), timeout=30) as client:
        client.sendall(head.encode() + b"x" * MEBIBYTE)
        return client.recv(1024)[9:12].decode()


@pytest.mark.nightly
def test_a_siege_slows_nobody_down(drill: Drill) -> None:
    instance = drill.instance
    instance.hang_up()
    instance.save(FLOW)
    read_times(instance, 300)
    alone, before = p95(read_times(instance, 1000)), web_memory(instance)
    with Siege(instance, half_open=1000, uploads=20, guesses_per_second=64) as siege:
        besieged = p95(read_times(instance, 1000))
        grown = web_memory(instance) - before
    print(
        f"\nreads p95: {alone * 1000:.1f} ms alone, {besieged * 1000:.1f} ms besieged ({besieged / alone:.2f} times);"
        f" memory of web grew by {grown / MEBIBYTE:.0f} MB; {dict(siege.answers)}"
    )
    assert not [kind for kind in siege.answers if kind.endswith("503")]
    assert besieged < alone * MOST_TIMES
    assert grown < MOST_GROWTH
