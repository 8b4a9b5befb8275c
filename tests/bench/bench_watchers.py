"""What watching costs: one execution alone, then with many WebSockets on it; how late its lines arrive."""

from __future__ import annotations

import asyncio
import json
import statistics
import threading
import time
from datetime import datetime
from typing import Any

import psutil
import websockets

from tests.bench.instance import TENANT, Instance, running_instance
from tests.bench.results import show

WATCHERS = 200
TASKS = 40


def flow(name: str) -> str:
    tasks = [f"  - {{id: t{n}, type: io.kestra.plugin.core.log.Log, message: step {n}}}" for n in range(TASKS)]
    return "\n".join([f"id: {name}", "namespace: bench", "tasks:", *tasks])


def measure(instance: Instance, watchers: int = WATCHERS) -> dict[str, object]:
    name = f"watched{time.time_ns()}"
    instance.save(flow(name).replace("tasks:\n", "tasks:\n  - {id: wait, type: io.kestra.plugin.core.flow.Pause}\n", 1))
    alone = statistics.median(_run(instance, name) for _ in range(5))
    audience = Audience(instance, _start(instance, name), watchers)
    before = _memory(instance)
    audience.open()
    watched = _resume(instance, audience.execution_id)
    late = sorted(audience.close())
    return {
        "figure": f"{watchers} watchers on one execution",
        "alone_s": round(alone, 3),
        "watched_s": round(watched, 3),
        "slower_percent": round((watched / alone - 1) * 100, 1),
        "lines_delivered": len(late),
        "lines_expected": watchers * TASKS,
        "delivery_p50_ms": round(late[len(late) // 2] * 1000, 1),
        "delivery_p99_ms": round(late[int(len(late) * 0.99)] * 1000, 1),
        "web_growth_mb": round((_memory(instance) - before) / 2**20, 1),
        "bar": "10 % slower or less, p99 100 ms, none lost",
    }


def _start(instance: Instance, name: str) -> str:
    return str(instance.ask("POST", f"/api/v1/{TENANT}/executions/bench/{name}")["id"])


def _run(instance: Instance, name: str) -> float:
    return _resume(instance, _start(instance, name))


def _resume(instance: Instance, execution_id: str) -> float:
    """Seconds from the resume to the recorded end."""
    with instance.database() as database:
        (before,) = database.execute("SELECT clock_timestamp()").fetchone() or (None,)
        instance.ask("POST", f"/api/v1/{TENANT}/executions/{execution_id}/actions/resume")
        end = None
        while end is None:
            time.sleep(0.01)
            row = database.execute("SELECT end_date FROM execution WHERE id = %s", [execution_id]).fetchone()
            end = row[0] if row else None
    return float((end - before).total_seconds())


def _memory(instance: Instance) -> int:
    for process in instance.processes():
        if " ".join(process.cmdline()).startswith("orrery web"):
            return int(psutil.Process(process.pid).memory_info().rss)
    raise LookupError("no web process")


class Audience:
    """So many sockets, each reading the log of one execution, on an event loop of its own."""

    def __init__(self, instance: Instance, execution_id: str, count: int) -> None:
        self.instance = instance
        self.execution_id = execution_id
        self.count = count
        self.late: list[float] = []
        self._ready = threading.Event()
        self._waiting = count
        self._thread = threading.Thread(target=lambda: asyncio.run(self._watch_all()))

    def open(self) -> None:
        self._thread.start()
        if not self._ready.wait(60):
            raise TimeoutError("the audience is not complete")

    def close(self) -> list[float]:
        self._thread.join(60)
        return self.late

    async def _watch_all(self) -> None:
        await asyncio.gather(*(self._watch() for _ in range(self.count)))

    async def _watch(self) -> None:
        url = f"ws://127.0.0.1:{self.instance.port}/api/v1/{TENANT}/live"
        headers = {"Authorization": f"Bearer {self.instance.token}"}
        async with websockets.connect(url, additional_headers=headers, open_timeout=60) as socket:
            ask = {"type": "subscribe", "id": "1", "topic": "logs", "executionId": self.execution_id}
            await socket.send(json.dumps(ask))
            await socket.recv()
            self._waiting -= 1
            if self._waiting == 0:
                self._ready.set()
            while (message := json.loads(await socket.recv()))["type"] != "end":
                self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        now = time.time()
        for line in message.get("data", {}).get("logs", ()):
            self.late.append(now - datetime.fromisoformat(line["timestamp"]).timestamp())


if __name__ == "__main__":
    with running_instance() as instance:
        show("bench_watchers", measure(instance))
