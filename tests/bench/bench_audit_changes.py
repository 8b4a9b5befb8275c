"""Audited changes a second: of one tenant, whose chain is one line, and of fifty; beside the same without an entry.

Several processes change rows through a command, and then through the bare transaction that a command is, on a
PostgreSQL that waits for the disk. No two change the same row, so that of one tenant only its chain is waited for.
"""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.bench.bench_audit import cpu_of, ground, process_of
from tests.bench.results import show

PROCESSES, ROUNDS, SECONDS, MANY = 6, 5, 3.0, 50
BARS = {"hot": "400/s", "many": "1,500/s"}
PLACE = "bench"


@dataclass(frozen=True)
class Part:
    """What one process does: changes of these tenants in turn, each with its entry or bare."""

    number: int
    tenants: Sequence[str]
    is_audited: bool
    begin: float


@dataclass(frozen=True)
class Done:
    """How long each change took, and what all of them worked here, in seconds."""

    took: list[float]
    cpu: float


def work(part: Part) -> Done:
    act: Callable[[str, int], object] = audited if part.is_audited else bare
    act(part.tenants[0], part.number)
    time.sleep(max(0.0, part.begin - time.time()))
    took, done, worked = [], 0, time.process_time()
    while time.time() < part.begin + SECONDS:
        began = time.perf_counter()
        act(part.tenants[done % len(part.tenants)], part.number)
        took.append(time.perf_counter() - began)
        done += 1
    return Done(took, time.process_time() - worked)


def audited(tenant: str, number: int) -> None:
    from control_plane.kernel.actor import SYSTEM, Context

    COMMANDS["describe"](Context(SYSTEM, tenant_id=tenant), name=f"{PLACE}.{number}")


def bare(tenant: str, number: int) -> None:
    from control_plane.kernel.scope import tenant_scope

    with tenant_scope(tenant):
        describe(f"{PLACE}.{number}")


def describe(name: str) -> None:
    from control_plane.kernel.pipeline import Pipeline

    pipeline = Pipeline()
    pipeline.add("UPDATE namespace SET description = %s WHERE name = %s", [str(time.time_ns()), name])
    pipeline.run()


COMMANDS: dict[str, Callable[..., object]] = {}


def declare() -> None:
    """Django has to be set up before a command can be declared."""
    from audit.recording.commands import command
    from control_plane.kernel.actor import Context
    from tenants.permissions import NAMESPACE

    @command(NAMESPACE.UPDATE, on="{name}")
    def describe_namespace(ctx: Context, *, name: str) -> None:
        describe(name)
        ctx.record(NAMESPACE.name, name, namespace=name, before={"description": "before"}, after={"description": "now"})

    COMMANDS["describe"] = describe_namespace


def make_tenants(count: int) -> list[str]:
    from control_plane.kernel.scope import tenant_scope
    from tenants.models import Namespace
    from tests.cast import make_person, make_tenant

    owner, tenants = make_person("owner@bench.test"), [f"tenant{number}" for number in range(count)]
    for tenant in tenants:
        make_tenant(tenant, owner)
        with tenant_scope(tenant):
            for number in range(PROCESSES):
                Namespace.objects.create(name=f"{PLACE}.{number}")
    return tenants


Rates = dict[str, list[float]]


@dataclass
class Found:
    """Of each round: changes a second, milliseconds of CPU of a change here and in PostgreSQL, and the slowest ones."""

    rates: Rates
    cpu: Rates
    slowest: list[float]

    def take(self, name: str, parts: list[Done], database: float) -> None:
        took = [each for part in parts for each in part.took]
        self.rates[name].append(len(took) / SECONDS)
        self.cpu[name].append((sum(part.cpu for part in parts) + database) * 1000 / len(took))
        if name == "hot":
            self.slowest.append(statistics.quantiles(took, n=100)[-1])


def measure(rounds: int = ROUNDS) -> dict[str, object]:
    with ground() as postgres:
        from django.db import connection

        declare()
        tenants, database = make_tenants(MANY), process_of(postgres)
        connection.close()
        names = ("hot", "hot_floor", "many", "many_floor")
        found = Found({name: [] for name in names}, {name: [] for name in names}, [])
        with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
            for name in names * rounds:
                chosen = tenants[:1] if name.startswith("hot") else tenants
                begin, is_audited, before = time.time() + 0.5, not name.endswith("floor"), cpu_of(database)
                parts = [Part(number, spread(chosen, number), is_audited, begin) for number in range(PROCESSES)]
                found.take(name, pool.map(work, parts, chunksize=1), cpu_of(database) - before)
        assert_chained(tenants)
    return figures(found, rounds)


def spread(tenants: Sequence[str], number: int) -> list[str]:
    """Each process begins elsewhere."""
    first = number * len(tenants) // PROCESSES
    return [*tenants[first:], *tenants[:first]]


def assert_chained(tenants: Sequence[str]) -> None:
    """What was measured is what is promised: every chain holds."""
    from audit.proof.checking import check

    for tenant in tenants:
        report = check(tenant)
        assert report.is_intact and report.entries > 0, report.problems


def figures(found: Found, rounds: int) -> dict[str, object]:
    shown: dict[str, object] = {
        "figure": f"audited changes a second of one tenant, and of {MANY}, by {PROCESSES} processes",
        "n": round(sum(map(sum, found.rates.values())) * SECONDS),
        "rounds": rounds,
    }
    for kind in BARS:
        floor = f"{kind}_floor"
        pairs = zip(found.rates[kind], found.rates[floor], strict=True)
        shown |= {
            f"{kind}_per_s": round(statistics.median(found.rates[kind])),
            f"{kind}_without_entry_per_s": round(statistics.median(found.rates[floor])),
            f"{kind}_ratio": round(statistics.median(one / two for one, two in pairs), 2),
            f"{kind}_cpu_ms": round(statistics.median(found.cpu[kind]), 2),
            f"{kind}_without_entry_cpu_ms": round(statistics.median(found.cpu[floor]), 2),
        }
    shown["hot_p99_ms"] = round(statistics.median(found.slowest) * 1000, 1)
    return {**shown, "bar": f"one tenant {BARS['hot']}, fifty {BARS['many']}"}


if __name__ == "__main__":
    show("bench_audit_changes", measure())
