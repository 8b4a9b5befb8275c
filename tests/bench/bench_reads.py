"""What the endpoint costs: real lists of 25 beside a bare DRF view with one SELECT, in the same process."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from tests.bench.in_process import application_of, cost_of, request
from tests.bench.instance import TENANT, Instance, running_instance
from tests.bench.results import show

ROUNDS, READS = 12, 60
BAR = "at least half of what the bare view serves"
FLOW = """
id: flow{number}
namespace: bench
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: hello
"""


def measure(instance: Instance) -> dict[str, object]:
    """Each in turns with the bare view, so that a busy machine slows both alike; each round gives one ratio."""
    for number in range(25):
        instance.save(FLOW.format(number=number))
        instance.ask("POST", f"/api/v1/{TENANT}/executions/bench/flow{number}")
    instance.settle("flow24", 1, 30)
    readers = _readers(instance)
    bare = readers.pop("bare")
    figures: dict[str, object] = {"figure": "real reads beside a bare view", "n": ROUNDS * READS}
    for name, read in readers.items():
        rounds = [(cost_of(bare, READS), cost_of(read, READS)) for _ in range(ROUNDS)]
        figures[name] = {
            "ratio": _median(one.wall / other.wall for one, other in rounds),
            "cpu_ratio": _median(one.cpu / other.cpu for one, other in rounds),
            "ms": _median(other.wall for _, other in rounds),
            "bare_ms": _median(one.wall for one, _ in rounds),
            "cpu_ms": _median(other.cpu for _, other in rounds),
            "bare_cpu_ms": _median(one.cpu for one, _ in rounds),
        }
    return {**figures, "bar": BAR}


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 2)


def _readers(instance: Instance) -> dict[str, Callable[[], None]]:
    application = application_of(instance)
    addresses = ModuleType("bench_addresses")
    addresses.urlpatterns = _addresses()  # type: ignore[attr-defined]  # made here
    from django.conf import settings

    settings.ROOT_URLCONF = addresses

    def reader(path: str, query: str = "") -> Callable[[], None]:
        def read() -> None:
            status, body = request(application, "GET", path, query, instance.token)
            assert status == "200 OK" and len(json.loads(body)["results"]) == 25, (status, body[:300])

        return read

    return {
        "bare": reader("/bare"),
        "flows": reader(f"/api/v1/{TENANT}/flows/search", "size=25"),
        "executions": reader(f"/api/v1/{TENANT}/executions/search", "size=25"),
    }


def _addresses() -> list[Any]:
    from django.db import connection
    from django.urls import include, path
    from rest_framework.response import Response
    from rest_framework.views import APIView

    class Bare(APIView):
        def get(self, request: Any) -> Response:
            with connection.cursor() as cursor:
                cursor.execute("SELECT oid::int, relname, relkind, relpages FROM pg_class ORDER BY oid LIMIT 25")
                rows = [dict(zip(("oid", "name", "kind", "pages"), row, strict=True)) for row in cursor.fetchall()]
            return Response({"results": rows, "total": 25})

    return [path("bare", Bare.as_view()), path("", include("control_plane.urls"))]


if __name__ == "__main__":
    with running_instance() as running:
        show("bench_reads", measure(running))
