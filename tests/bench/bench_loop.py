"""Turns of a Loop beside task runs of a ForEach, on a whole instance: `python -m tests.bench.bench_loop [most]`."""

from __future__ import annotations

import contextlib
import sys
import time

from tests.bench.instance import TENANT, Instance, running_instance
from tests.bench.results import show

SIZES = (100, 1_000, 10_000)
LIMIT_SECONDS = 1_200
TASK = "{id: work, type: io.kestra.plugin.core.log.Log, message: turn}"


def flow(kind: str) -> str:
    return "\n".join(
        [
            f"id: {kind.lower()}",
            "namespace: bench",
            "inputs: [{id: n, type: INT}]",
            "tasks:",
            f"  - id: each\n    type: io.kestra.plugin.core.flow.{kind}",
            '    values: "{{ range(1, inputs.n) }}"',
            f"    tasks: [{TASK}]",
        ]
    )


def took(instance: Instance, kind: str, count: int) -> float:
    """Seconds from the start to the recorded end, by the clock of the database."""
    boundary = "bench"
    body = f'--{boundary}\r\nContent-Disposition: form-data; name="n"\r\n\r\n{count}\r\n--{boundary}--\r\n'
    address = f"/api/v1/{TENANT}/executions/bench/{kind.lower()}"
    started = instance.ask("POST", address, body.encode(), f"multipart/form-data; boundary={boundary}")
    with instance.database() as database:
        deadline = time.monotonic() + LIMIT_SECONDS
        while time.monotonic() < deadline:
            time.sleep(0.02)
            row = database.execute(
                "SELECT EXTRACT(EPOCH FROM end_date - start_date), state FROM execution WHERE id = %s", [started["id"]]
            ).fetchone()
            if row is not None and row[0] is not None:
                assert row[1] == "SUCCESS", row[1]
                return float(row[0])
    raise TimeoutError(f"{count} turns did not end")


def measure(instance: Instance, most: int) -> dict[str, object]:
    for kind in ("Loop", "ForEach"):
        with contextlib.suppress(RuntimeError):
            instance.save(flow(kind))
        took(instance, kind, 20)
    figures: dict[str, object] = {"figure": "milliseconds for each turn of one Log task, one after the other"}
    each: dict[str, list[float]] = {"Loop": [], "ForEach": []}
    for count in (size for size in SIZES if size <= most):
        for kind, found in each.items():
            found.append(took(instance, kind, count) * 1000 / count)
        loop, for_each = each["Loop"][-1], each["ForEach"][-1]
        figures[f"{count} turns"] = f"Loop {loop:.2f}, ForEach {for_each:.2f}, ratio {loop / for_each:.2f} (bar 1.5)"
    growth = each["Loop"][-1] / each["Loop"][0]
    figures["growth"] = f"{growth:.2f} from the fewest turns to the most (bar 1.15)"
    return figures


if __name__ == "__main__":
    with running_instance() as instance:
        show("bench_loop", measure(instance, int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[-1]))
