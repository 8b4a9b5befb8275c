"""What waiting clients cost everybody else: an ordinary read alone, and beside 500 requests that wait."""

from __future__ import annotations

import asyncio
import re
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

import uvicorn

from control_plane.asgi import Application
from control_plane.embedded.ports import free_port
from control_plane.kernel.admission.places import Places
from control_plane.kernel.asgi_routes import AsyncRoute
from control_plane.kernel.pools import Pool
from control_plane.wsgi import application as django_application
from control_plane.wsgi_bridge import WsgiBridge
from tests.bench.results import keep

WAITERS = 500
READS = 1000
BOUND = 1.5


async def wait_for_ever(scope: Any, receive: Any, send: Any) -> None:
    """A stream that has nothing to say yet."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"", "more_body": True})
    while (await receive())["type"] != "http.disconnect":
        pass


@contextmanager
def served() -> Iterator[int]:
    """The real router and bridge around Django, in a thread of its own."""
    port = free_port()
    with ThreadPoolExecutor(8) as threads:
        pool = Pool(threads, Places(waiting=512, per_caller=512, at_once=8))
        bridge: Any = WsgiBridge(django_application, pool)
        route = AsyncRoute(re.compile("/wait"), wait_for_ever)
        config = uvicorn.Config(
            Application([route], bridge, bridge), port=port, loop="uvloop", http="httptools", log_config=None,
            access_log=False, log_level="warning", lifespan="on", timeout_graceful_shutdown=1,
        )  # fmt: skip
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield port
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def waiting(port: int, count: int) -> Iterator[None]:
    """So many clients whose answer has begun and does not end."""
    loop = asyncio.new_event_loop()

    async def open_all() -> list[asyncio.StreamWriter]:
        opened = []
        for _ in range(count):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
            await reader.readuntil(b"\r\n\r\n")
            opened.append(writer)
        return opened

    writers = loop.run_until_complete(open_all())
    try:
        yield
    finally:
        for writer in writers:
            writer.close()
        loop.run_until_complete(asyncio.sleep(0.1))
        loop.close()


def read_p95(port: int, reads: int) -> tuple[float, float]:
    """Milliseconds of an ordinary read over one kept connection: median and 95th of a hundred."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    taken = []
    for _ in range(reads):
        began = time.perf_counter()
        connection.request("GET", "/health/liveness")
        connection.getresponse().read()
        taken.append((time.perf_counter() - began) * 1000)
    connection.close()
    return statistics.median(taken), statistics.quantiles(taken, n=100)[94]


def measure(waiters: int = WAITERS, reads: int = READS) -> dict[str, float]:
    with served() as port:
        read_p95(port, 100)
        alone = read_p95(port, reads)
        with waiting(port, waiters):
            beside = read_p95(port, reads)
    return {
        "alone_p50_ms": alone[0],
        "alone_p95_ms": alone[1],
        "beside_p50_ms": beside[0],
        "beside_p95_ms": beside[1],
        "p95_ratio": beside[1] / alone[1],
    }


def main() -> None:
    found = measure()
    keep("bench_waiters", found)
    print(f"a read alone            p50 {found['alone_p50_ms']:.2f} ms  p95 {found['alone_p95_ms']:.2f} ms")
    print(f"beside {WAITERS} that wait    p50 {found['beside_p50_ms']:.2f} ms  p95 {found['beside_p95_ms']:.2f} ms")
    print(f"ratio of the p95        {found['p95_ratio']:.2f}  (bound {BOUND})")


if __name__ == "__main__":
    main()
