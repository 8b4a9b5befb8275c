"""What the audit trail costs a start: executions started over the API with their chained entries, and without any.

In this process, on a PostgreSQL of its own that waits for the disk; both in turns, from several threads, so that the
lock of the tenant's chain counts too.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import psutil

from control_plane.embedded.postgres import Postgres
from tests import servers
from tests.bench.results import show

ROUNDS, STARTS, THREADS = 22, 100, 4
WARM = 12
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "128MB"}
BAR = "1.05 times the cost of a start without"
FLOW = """
id: started
namespace: bench
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: hello
"""


@dataclass(frozen=True)
class Round:
    """Of one round: starts a second, and milliseconds of CPU a start, here and in PostgreSQL."""

    rate: float
    cpu_ms: float
    database_cpu_ms: float


@contextmanager
def ground() -> Iterator[Postgres]:
    """Django on a database of its own."""
    servers.TUNING.update(DURABLE)
    with ExitStack() as stack:
        started = servers.Servers()
        stack.callback(started.close)
        from control_plane.embedded.postgres import APP
        from control_plane.kernel.config import override

        urls = {"database_url": started.postgres.url(APP), "redis_url": started.valkey.url}
        secrets = {
            "secret_key": "a secret key for a benchmark alone, long enough",
            "encryption_key": "an encryption key for a benchmark alone",
        }
        stack.enter_context(override(data_dir=started.folder, **urls, **secrets))
        os.environ["DJANGO_SETTINGS_MODULE"] = "control_plane.settings"
        import django

        django.setup()
        import control_plane.celery  # noqa: F401  (tickets are sent through the current application)

        yield started.postgres


def process_of(postgres: Postgres) -> psutil.Process:
    pid = postgres.pid()
    assert pid is not None
    return psutil.Process(pid)


def starter() -> Callable[[], None]:
    """Starts one execution through the API's endpoint."""
    from django.db import connection
    from django.test import Client

    from flows.services.saving import create_flow
    from tests.cast import ACME, make_person, make_tenant

    owner = make_person("owner@bench.test")
    make_tenant(ACME, owner)
    create_flow(owner.context(ACME), source=FLOW)
    with connection.cursor() as cursor:
        cursor.execute("SHOW fsync")
        assert cursor.fetchone() == ("on",), "this PostgreSQL does not wait for the disk"
    headers = {"authorization": f"Bearer {owner.token}"}

    def start() -> None:
        answer = Client(headers=headers).post(f"/api/v1/{ACME}/executions/bench/started")
        assert answer.status_code == 200, answer.content

    return start


def one_round(start: Callable[[], None], pool: ThreadPoolExecutor, postgres: psutil.Process) -> Round:
    before, database, began = time.process_time(), cpu_of(postgres), time.perf_counter()
    for done in [pool.submit(start) for _ in range(STARTS)]:
        done.result()
    took = time.perf_counter() - began
    cpu = (time.process_time() - before) * 1000 / STARTS
    return Round(STARTS / took, cpu, (cpu_of(postgres) - database) * 1000 / STARTS)


def cpu_of(process: psutil.Process) -> float:
    found = [process, *process.children()]
    return sum(sum(each.cpu_times()[:2]) for each in found)


def statements(start: Callable[[], None]) -> int:
    """Messages to the database in one start, counted where they leave."""
    from django.db import connection

    sent = 0

    def count(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        nonlocal sent
        sent += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        start()
    return sent


def measure(rounds: int = ROUNDS) -> dict[str, object]:
    with ground() as database, ThreadPoolExecutor(THREADS) as pool:
        postgres = process_of(database)
        start = starter()
        chained, plain = [], []
        for _ in range(WARM):
            start()
            without(start)
        round_trips = statements(start), without(lambda: statements(start))
        before = entries()
        for _ in range(rounds):
            chained.append(one_round(start, pool, postgres))
            plain.append(without(lambda: one_round(start, pool, postgres)))
            assert entries() - before == len(chained) * STARTS, "each of these starts has its entry, and no other"
    cost = [
        (one.cpu_ms + one.database_cpu_ms) / (two.cpu_ms + two.database_cpu_ms) for one, two in both(chained, plain)
    ]
    shares = [one.rate / two.rate for one, two in both(chained, plain)]
    return {
        "figure": "starts with their audit entry beside starts without",
        "n": len(shares) * STARTS,
        "threads": THREADS,
        "rate": middle(each.rate for each in chained[2:]),
        "rate_without": middle(each.rate for each in plain[2:]),
        "cost_ratio": round(1 / statistics.median(shares), 3),
        "cpu_ratio": round(statistics.median(cost), 3),
        "cpu_ms": middle(each.cpu_ms for each in chained[2:]),
        "cpu_ms_without": middle(each.cpu_ms for each in plain[2:]),
        "database_cpu_ms": middle(each.database_cpu_ms for each in chained[2:]),
        "database_cpu_ms_without": middle(each.database_cpu_ms for each in plain[2:]),
        "statements": round_trips[0],
        "statements_without": round_trips[1],
        "bar": BAR,
    }


def entries() -> int:
    from audit.models import AuditEntry
    from control_plane.kernel.scope import tenant_scope
    from tests.cast import ACME

    with tenant_scope(ACME):
        return AuditEntry.objects.filter(resource="EXECUTION").count()


def both(chained: list[Round], plain: list[Round]) -> Iterator[tuple[Round, Round]]:
    """Round by round, but for the first two, which warm caches."""
    return zip(chained[2:], plain[2:], strict=True)


def without(act: Callable[[], Any]) -> Any:
    """Do it while no command tells the trail anything."""
    with patch("audit.recording.commands.append", lambda *_, **__: None):
        return act()


def middle(values: Iterator[float]) -> float:
    return round(statistics.median(values), 2)


if __name__ == "__main__":
    show("bench_audit", measure())
