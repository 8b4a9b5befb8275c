"""What the hot path may cost: processor time, round trips and statements of a start, a claim and a report."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.bench.in_process import application_of, cost_of, request
from tests.bench.instance import TENANT, Instance, running_instance
from tests.bench.results import show

ROUNDS, CALLS = 7, 40
FLOW = """
id: budget
namespace: bench
tasks:
  - {id: say, type: io.kestra.plugin.core.log.Log, message: hello}
"""


def measure(instance: Instance) -> dict[str, object]:
    instance.save(FLOW)
    with _without_its_worker(instance):
        acts = _acts(instance)
        figures = {name: _figure(act) for name, act in acts.items()}
    return {"figure": "processor time, round trips and statements of one", **figures}


@contextmanager
def _without_its_worker(instance: Instance) -> Iterator[None]:
    """Jobs are left for us, and nobody else asks."""
    others = [one for one in instance.processes() if one.cmdline()[0].startswith(("orrery worker", "orrery scheduler"))]
    for process in others:
        process.suspend()
    try:
        yield
    finally:
        for process in others:
            process.resume()


def _acts(instance: Instance) -> dict[str, Callable[[], None]]:
    application = application_of(instance)
    import control_plane.celery  # noqa: F401  # tickets are sent through the current application
    from control_plane.kernel.live.publishing import publish
    from tests.executions.ground import FakeWorker, ended
    from workers.queue import tickets

    worker = FakeWorker()
    mine: list[Any] = []

    def start() -> None:
        path = f"/api/v1/{TENANT}/executions/bench/budget"
        status, body = request(application, "POST", path, token=instance.token)
        assert status == "200 OK", (status, body[:300])

    def claim() -> None:
        jobs = worker.claim(1)
        assert len(jobs) == 1
        mine.extend(jobs)

    def report() -> None:
        mine.extend(worker.report(ended(mine.pop(0), "said"), want=1).jobs)

    return {
        "start, whole request": start,
        "claim": claim,
        "report of an end, with the next claim": report,
        "ticket": lambda: tickets.send(["nobody"]),
        "announcement": lambda: publish([("nobody", {"execution": {"id": "x" * 22}})]),
    }


def _figure(act: Callable[[], None]) -> dict[str, object]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    costs = [cost_of(act, CALLS) for _ in range(ROUNDS)]
    with CaptureQueriesContext(connection) as captured:
        act()
    texts = [query["sql"] for query in captured.captured_queries]
    return {
        "cpu_ms": _median([cost.cpu for cost in costs]),
        "wall_ms": _median([cost.wall for cost in costs]),
        "round_trips": len(texts),
        "statements": sum(text.count(";\n") + 1 for text in texts),
        "transactions": texts.count("BEGIN"),
    }


def _median(values: list[float]) -> float:
    return round(statistics.median(values), 2)


if __name__ == "__main__":
    with running_instance() as running:
        show("bench_budget", measure(running))
