"""What serves an instance, in this process: over the instance's own servers and as the role that serves."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from wsgiref.types import WSGIApplication
from wsgiref.util import setup_testing_defaults

from control_plane.embedded.launchers import choose_launcher
from control_plane.embedded.postgres import APP, Postgres
from tests.bench.instance import Instance


@dataclass(frozen=True)
class Cost:
    """Milliseconds of one call: what the clock on the wall says, and what this thread worked."""

    wall: float
    cpu: float


def cost_of(call: Callable[[], object], count: int) -> Cost:
    call()
    began, worked = time.perf_counter(), time.thread_time()
    for _ in range(count):
        call()
    each = 1000 / count
    return Cost((time.perf_counter() - began) * each, (time.thread_time() - worked) * each)


def application_of(instance: Instance) -> WSGIApplication:
    """Django of this process. Only one instance can be served by a process."""
    folder, keys = instance.folder / "postgres", instance.folder / "keys"
    os.environ["ORRERY_DATABASE_URL"] = Postgres(folder, choose_launcher(folder)).url(APP)
    os.environ["ORRERY_DATA_DIR"] = str(instance.folder)
    for name in ("secret_key", "encryption_key", "redis_url"):
        os.environ[f"ORRERY_{name.upper()}"] = (keys / name).read_text().strip()
    from control_plane.wsgi import application

    return application


def request(
    application: WSGIApplication, method: str, path: str, query: str = "", token: str = ""
) -> tuple[str, bytes]:
    """One request as the server hands it to Django: with its signals, without a test client's own work."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "HTTP_AUTHORIZATION": f"Bearer {token}",
        "CONTENT_LENGTH": "0",
        "wsgi.input": io.BytesIO(),
    }
    setup_testing_defaults(environ)
    started: list[str] = []
    answer = application(environ, lambda status, headers, *_: started.append(status) or _no_write)  # type: ignore[func-returns-value]  # both are wanted
    body = b"".join(answer)
    answer.close()  # type: ignore[attr-defined]  # Django's answers have it
    return started[0], body


def _no_write(data: bytes) -> None:
    raise RuntimeError("nothing is written")
