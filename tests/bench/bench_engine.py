"""What one event costs as an execution grows: `python -m tests.bench.bench_engine`."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from executions.engine import events as ev
from executions.engine.compiled import CompiledFlow, compile_flow
from executions.engine.decisions import JobOrder
from executions.engine.fold import fold
from executions.engine.start import new_execution
from executions.simulator.memory import MemoryLedger
from flows.model.parse import parse_flow
from plugins.contracts import State
from tests.bench.results import keep

AT = datetime(2024, 1, 1, tzinfo=UTC)
LOOP = """
id: loop
namespace: company.team
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{ inputs.values }}"
    concurrencyLimit: 1
    tasks:
      - id: work
        type: io.kestra.plugin.core.debug.Return
        format: "{{ taskrun.value }}"
  - id: last
    type: io.kestra.plugin.core.debug.Return
    format: "done"
"""


class Loop:
    """An execution of a loop, driven event by event."""

    def __init__(self, flow: CompiledFlow, iterations: int) -> None:
        values = [str(number) for number in range(iterations)]
        execution = new_execution(flow, id="bench", tenant="main", at=AT, inputs={"values": values})
        self.flow = flow
        self.ledger = MemoryLedger(execution)
        self.seed = 0
        self.jobs: list[JobOrder] = []
        self.fold(lambda seed: ev.Created(at=AT, seed=seed))

    def fold(self, make: Callable[[int], ev.Event]) -> float:
        """Fold one event; return the CPU seconds it took, the keeping of records left out."""
        self.seed += 1
        event = make(self.seed)
        began = time.thread_time()
        decisions = fold(self.flow, self.ledger, event)
        took = time.thread_time() - began
        assert decisions.refused is None, decisions.refused
        self.ledger.keep(decisions)
        self.jobs += decisions.jobs
        return took

    def turn(self) -> tuple[float, float]:
        """One iteration: its start and its end, which orders the next."""
        job = self.jobs.pop(0)
        run_id, attempt = job.task_run_id, job.attempt
        started = self.fold(
            lambda seed: ev.JobStarted(at=AT, seed=seed, task_run_id=run_id, attempt=attempt, worker_id="w")
        )
        ended = self.fold(
            lambda seed: ev.JobEnded(
                at=AT, seed=seed, task_run_id=run_id, attempt=attempt, state=State.SUCCESS, outputs={"value": "x"}
            )
        )
        return started, ended


def event_costs(flow: CompiledFlow, size: int, samples: int = 200) -> float:
    """Median CPU seconds of an end-of-job event in an execution that has about so many task runs."""
    loop = Loop(flow, size + samples)
    for _ in range(size):
        loop.turn()
    return statistics.median(loop.turn()[1] for _ in range(samples))


def whole_loop(flow: CompiledFlow, iterations: int) -> float:
    """CPU seconds of all events of a loop. The collector rests: a server keeps the records in its database, and it is
    the memory ledger that makes it walk ten thousand of them again and again."""
    loop = Loop(flow, iterations)
    gc.collect()
    gc.disable()
    began = time.process_time()
    while loop.jobs:
        loop.turn()
    took = time.process_time() - began
    gc.enable()
    assert loop.ledger.execution.state is State.SUCCESS
    return took


def best(measure: Callable[[], float], rounds: int = 3) -> float:
    return min(measure() for _ in range(rounds))


def report() -> Iterable[str]:
    flow = compile_flow(parse_flow(LOOP).flow)
    event_costs(flow, 10)
    small, large = best(lambda: event_costs(flow, 10)), best(lambda: event_costs(flow, 10_000), 2)
    yield f"one event, 10 task runs          {small * 1e6:8.1f} us"
    yield f"one event, 10,000 task runs      {large * 1e6:8.1f} us   ratio {large / small:.2f} (1.3 or less)"
    thousand = best(lambda: whole_loop(flow, 1_000), 5)
    ten = best(lambda: whole_loop(flow, 10_000), 3)
    off = ten / (10 * thousand) - 1
    keep(
        "bench_engine",
        {
            "event_at_10_us": small * 1e6,
            "event_at_10000_us": large * 1e6,
            "event_ratio": large / small,
            "loop_of_1000_ms": thousand * 1e3,
            "loop_of_10000_ms": ten * 1e3,
            "off_linear": off,
        },
    )
    yield f"ForEach of 1,000 iterations      {thousand * 1e3:8.1f} ms"
    yield f"ForEach of 10,000 iterations     {ten * 1e3:8.1f} ms   off linear {off:+.1%} (15% or less)"


if __name__ == "__main__":
    for line in report():
        sys.stdout.write(line + "\n")
