"""What the door costs: a real list of 25 beside a bare DRF view with one SELECT, in the same process."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

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


def measure(instance: Instance) -> dict[str, object]:
    """Both in turns, so that a busy machine slows both alike; each round gives one ratio."""
    for number in range(25):
        instance.save(FLOW.format(number=number))
    real, bare = _readers(instance)
    ratios, real_ms, bare_ms = [], [], []
    for _ in range(ROUNDS):
        one, other = _milliseconds(bare), _milliseconds(real)
        bare_ms.append(one)
        real_ms.append(other)
        ratios.append(one / other)
    return {
        "figure": "a real read beside a bare view",
        "n": ROUNDS * READS,
        "ratio": round(statistics.median(ratios), 2),
        "real_ms": round(statistics.median(real_ms), 2),
        "bare_ms": round(statistics.median(bare_ms), 2),
        "bar": BAR,
    }


def _readers(instance: Instance) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Django in this process, over the instance's database, as the role that serves."""
    folder = instance.folder / "postgres"
    os.environ["ORRERY_DATABASE_URL"] = Postgres(folder, choose_launcher(folder)).url(APP)
    os.environ["ORRERY_DATA_DIR"] = str(instance.folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "control_plane.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.urls import include, path
    from rest_framework.response import Response
    from rest_framework.views import APIView

    class Bare(APIView):
        def get(self, request: Any) -> Response:
            with connection.cursor() as cursor:
                cursor.execute("SELECT oid::int, relname, relkind, relpages FROM pg_class ORDER BY oid LIMIT 25")
                rows = [dict(zip(("oid", "name", "kind", "pages"), row, strict=True)) for row in cursor.fetchall()]
            return Response({"results": rows, "total": 25})

    addresses = ModuleType("bench_addresses")
    addresses.urlpatterns = [path("bare", Bare.as_view()), path("", include("control_plane.urls"))]  # type: ignore[attr-defined]  # made here
    settings.ROOT_URLCONF = addresses
    client = Client(headers={"authorization": f"Bearer {instance.token}", "host": "localhost"})

    def real() -> Any:
        answer = client.get(f"/api/v1/{TENANT}/flows/search?size=25")
        assert answer.status_code == 200 and len(answer.json()["results"]) == 25
        return answer

    def bare() -> Any:
        answer = client.get("/bare")
        assert answer.status_code == 200 and len(answer.json()["results"]) == 25
        return answer

    return real, bare


def _milliseconds(read: Callable[[], Any]) -> float:
    read()
    began = time.perf_counter()
    for _ in range(READS):
        read()
    return (time.perf_counter() - began) * 1000 / READS


if __name__ == "__main__":
    with running_instance() as running:
        print(measure(running))
