"""What the door costs: a real list of 25 beside a bare DRF view with one SELECT, in the same process."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from wsgiref.types import WSGIApplication
from wsgiref.util import setup_testing_defaults

from control_plane.embedded.launchers import choose_launcher
from control_plane.embedded.postgres import APP, Postgres
from tests.bench.instance import TENANT, Instance, running_instance

ROUNDS, READS = 8, 60
BAR = "at least half of what the bare view serves"
FLOW = """
id: flow{number}
namespace: bench
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: hello
"""


@dataclass(frozen=True)
class Cost:
    """Milliseconds of one read: what the clock on the wall says, and what this thread worked."""

    wall: float
    cpu: float


def measure(instance: Instance) -> dict[str, object]:
    """Both in turns, so that a busy machine slows both alike; each round gives one ratio."""
    for number in range(25):
        instance.save(FLOW.format(number=number))
    real, bare = _readers(instance)
    rounds = [(_cost(bare), _cost(real)) for _ in range(ROUNDS)]
    return {
        "figure": "a real read beside a bare view",
        "n": ROUNDS * READS,
        "ratio": _median(one.wall / other.wall for one, other in rounds),
        "cpu_ratio": _median(one.cpu / other.cpu for one, other in rounds),
        "real_ms": _median(other.wall for _, other in rounds),
        "bare_ms": _median(one.wall for one, _ in rounds),
        "real_cpu_ms": _median(other.cpu for _, other in rounds),
        "bare_cpu_ms": _median(one.cpu for one, _ in rounds),
        "bar": BAR,
    }


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 2)


def _readers(instance: Instance) -> tuple[Callable[[], None], Callable[[], None]]:
    """What is served, in this process, over the instance's database and as the role that serves."""
    folder = instance.folder / "postgres"
    os.environ["ORRERY_DATABASE_URL"] = Postgres(folder, choose_launcher(folder)).url(APP)
    os.environ["ORRERY_DATA_DIR"] = str(instance.folder)
    from control_plane.wsgi import application

    addresses = ModuleType("bench_addresses")
    addresses.urlpatterns = _addresses()  # type: ignore[attr-defined]  # made here
    from django.conf import settings

    settings.ROOT_URLCONF = addresses
    return (
        _reader(application, f"/api/v1/{TENANT}/flows/search", "size=25", instance.token),
        _reader(application, "/bare", "", instance.token),
    )


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


def _reader(application: WSGIApplication, path: str, query: str, token: str) -> Callable[[], None]:
    """One request as the server hands it to Django: with its signals, without a test client's own work."""

    def read() -> None:
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "HTTP_HOST": "localhost",
            "HTTP_AUTHORIZATION": f"Bearer {token}",
        }
        setup_testing_defaults(environ)
        started: list[str] = []
        answer = application(environ, lambda status, headers, *_: started.append(status) or _no_write)  # type: ignore[func-returns-value]  # both are wanted
        body = b"".join(answer)
        answer.close()  # type: ignore[attr-defined]  # Django's answers have it
        assert started == ["200 OK"] and len(json.loads(body)["results"]) == 25, started

    return read


def _no_write(data: bytes) -> None:
    raise RuntimeError("nothing is written")


def _cost(read: Callable[[], None]) -> Cost:
    read()
    began, worked = time.perf_counter(), time.thread_time()
    for _ in range(READS):
        read()
    each = 1000 / READS
    return Cost((time.perf_counter() - began) * each, (time.thread_time() - worked) * each)


if __name__ == "__main__":
    with running_instance() as running:
        print(measure(running))
