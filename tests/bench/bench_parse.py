"""How much CPU it takes to parse and validate a flow: `python -m tests.bench.bench_parse`."""

from __future__ import annotations

import statistics
import time

from flows.model.documents.compose import compose
from flows.model.parse import parse_flow
from plugins.catalog.registry import registry
from tests.bench.results import keep

TASKS = 1_000
ROUNDS = 7
LIMIT_MS = 150.0
_LETTERS = str.maketrans("0123456789", "abcdefghij")


def source_of(tasks: int, salt: str, *, by_hand: bool = False) -> str:
    """A flow of so many tasks that differ by a number, or (`by_hand`) by their words."""
    lines = ["id: many", "namespace: company.team", "tasks:"]
    for number in range(tasks):
        name = str(number).translate(_LETTERS) if by_hand else str(number)
        lines += [
            f"  - id: t{number}",
            "    type: io.kestra.plugin.core.log.Log",
            f'    message: "{salt} {{{{ inputs.name{name} | upper }}}} and {{{{ outputs.t{name}.value }}}}"',
        ]
    return "\n".join(lines)


def milliseconds(sources: list[str]) -> float:
    """The median time to parse one of them."""
    times = []
    for source in sources:
        begun = time.process_time()
        parse_flow(source)
        times.append((time.process_time() - begun) * 1000)
    return statistics.median(times)


def main() -> None:
    registry()
    fresh = milliseconds([source_of(TASKS, f"round {number}") for number in range(ROUNDS)])
    by_hand = milliseconds([source_of(TASKS, "round" + "x" * number, by_hand=True) for number in range(ROUNDS)])
    again = milliseconds([source_of(TASKS, "round 0")] * ROUNDS)
    begun = time.process_time()
    compose(source_of(TASKS, "yaml"))
    reading = (time.process_time() - begun) * 1000
    keep(
        "bench_parse",
        {"tasks": TASKS, "fresh_ms": fresh, "by_hand_ms": by_hand, "again_ms": again, "yaml_alone_ms": reading},
    )
    print(
        f"a flow of {TASKS} tasks, two expressions each: {fresh:.0f} ms (limit {LIMIT_MS:.0f}); its YAML alone {reading:.0f} ms"
    )
    print(f"every expression worded differently: {by_hand:.0f} ms")
    print(f"the same again, expressions known: {again:.0f} ms")


if __name__ == "__main__":
    main()
