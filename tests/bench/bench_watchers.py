"""What watching costs: one execution alone, then with many WebSockets on it; how late its lines arrive."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import statistics
import time
from collections.abc import Sequence
from typing import Any

import psutil

from tests.bench.audience import Audience, Heard
from tests.bench.instance import TENANT, Instance, running_instance
from tests.bench.processor_time import Meter
from tests.bench.results import show

WATCHERS = 200
TASKS = 40
PAIRS = 9


def flow(name: str, tasks: int = TASKS) -> str:
    """It waits first, so that whoever watches is there when it goes on."""
    lines = [f"id: {name}", "namespace: bench", "tasks:", "  - {id: wait, type: io.kestra.plugin.core.flow.Pause}"]
    lines += [f"  - {{id: t{n}, type: io.kestra.plugin.core.log.Log, message: step {n}}}" for n in range(tasks)]
    return "\n".join(lines)


class Rounds:
    """The same flow again and again, by turns alone and watched, so that whatever else the machine does counts for both."""

    def __init__(self, instance: Instance, watchers: int, frozen: bool = False) -> None:
        self.instance = instance
        self.watchers = watchers
        self.frozen = frozen
        """Stop the clients while the flow runs: what is left is what the system itself pays."""
        self.name = f"watched{time.time_ns()}"
        self.alone: list[float] = []
        self.watched: list[float] = []
        self.heard: list[Heard] = []
        self.used: dict[str, dict[str, float]] = {"alone": {}, "watched": {}}
        instance.save(flow(self.name))
        for _ in range(3):
            resume(instance, start_paused(instance, self.name))
        self._meter = Meter(instance)
        self._opening_s = 1.0

    def run(self, pairs: int) -> None:
        for number in range(pairs):
            for step in (self._alone, self._watched) if number % 2 else (self._watched, self._alone):
                step()

    def _alone(self) -> None:
        """After as long a pause as an audience needs to come in: what rests is slower at first, watched or not."""
        execution_id = start_paused(self.instance, self.name)
        time.sleep(self._opening_s)
        self.alone.append(self._measured("alone", execution_id))

    def _watched(self) -> None:
        execution_id = start_paused(self.instance, self.name)
        began = time.monotonic()
        with Audience(self.instance, execution_id, self.watchers) as audience:
            self._opening_s = time.monotonic() - began
            if self.frozen:
                audience.process.send_signal(signal.SIGSTOP)
            self.watched.append(self._measured("watched", execution_id))
            audience.process.send_signal(signal.SIGCONT)
            self.heard.append(audience.heard())

    def _measured(self, kind: str, execution_id: str) -> float:
        before = self._meter.read()
        taken = resume(self.instance, execution_id)
        for part, seconds in Meter.between(before, self._meter.read()).items():
            self.used[kind][part] = self.used[kind].get(part, 0.0) + seconds
        return taken

    def slower_percent(self) -> list[float]:
        pairs = zip(self.alone, self.watched, strict=True)
        return sorted(round((watched / alone - 1) * 100, 1) for alone, watched in pairs)


def measure(instance: Instance, watchers: int = WATCHERS, pairs: int = PAIRS) -> dict[str, object]:
    before = web_memory(instance)
    rounds = Rounds(instance, watchers)
    rounds.run(pairs)
    grown = web_memory(instance) - before
    frozen = Rounds(instance, watchers, frozen=True)
    frozen.run(pairs)
    late = sorted(each for heard in rounds.heard for each in heard.late_ms)
    return {
        "figure": f"{watchers} watchers on one execution",
        "pairs": pairs,
        "alone_s": round(statistics.median(rounds.alone), 3),
        "watched_s": round(statistics.median(rounds.watched), 3),
        "slower_percent": statistics.median(rounds.slower_percent()),
        "slower_percent_each": rounds.slower_percent(),
        "slower_percent_while_the_clients_are_stopped": statistics.median(frozen.slower_percent()),
        "lines_delivered": sum(heard.lines for heard in rounds.heard),
        "lines_expected": watchers * TASKS * pairs,
        "messages_per_watcher": round(sum(heard.messages for heard in rounds.heard) / watchers / pairs, 1),
        "delivery_p50_ms": _part(late, 0.5),
        "delivery_p99_ms": _part(late, 0.99),
        "processor_ms_of_a_run_alone": _each(rounds.used["alone"], pairs),
        "processor_ms_of_a_run_watched": {
            **_each(rounds.used["watched"], pairs),
            "clients": round(sum(heard.cpu_s for heard in rounds.heard) / pairs * 1000, 1),
        },
        "web_growth_mb": round(grown / 2**20, 1),
        "load_average": round(os.getloadavg()[0], 1),
        "bar": "10 % slower or less, p99 100 ms, none lost",
    }


def _each(used: dict[str, float], runs: int) -> dict[str, float]:
    return {part: round(seconds / runs * 1000, 1) for part, seconds in used.items()}


def _part(values: Sequence[float], part: float) -> float:
    return round(values[int(len(values) * part)], 1) if values else 0.0


def start_paused(instance: Instance, name: str) -> str:
    execution_id = str(instance.ask("POST", f"/api/v1/{TENANT}/executions/bench/{name}")["id"])
    path = f"/api/v1/{TENANT}/executions/{execution_id}"
    while instance.ask("GET", path)["state"]["current"] != "PAUSED":
        time.sleep(0.005)
    return execution_id


def resume(instance: Instance, execution_id: str) -> float:
    """Seconds from the resume to the recorded end."""
    with instance.database() as database:
        (before,) = database.execute("SELECT clock_timestamp()").fetchone() or (None,)
        instance.ask("POST", f"/api/v1/{TENANT}/executions/{execution_id}/actions/resume")
        end: Any = None
        while end is None:
            time.sleep(0.01)
            row = database.execute("SELECT end_date FROM execution WHERE id = %s", [execution_id]).fetchone()
            end = row[0] if row else None
    return float((end - before).total_seconds())


def web_memory(instance: Instance) -> int:
    """Of the web process."""
    for process in instance.processes():
        with contextlib.suppress(psutil.NoSuchProcess):
            if " ".join(process.cmdline()).startswith("orrery web"):
                return int(process.memory_info().rss)
    raise LookupError("no web process")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--watchers", type=int, default=WATCHERS)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    given = parser.parse_args()
    with running_instance() as instance:
        show("bench_watchers", measure(instance, given.watchers, given.pairs))
