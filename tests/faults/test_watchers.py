"""Five hundred browsers on one execution: each is told every line, and the web process is no larger afterwards."""

from __future__ import annotations

import pytest

from tests.bench.audience import Audience, Heard
from tests.bench.bench_watchers import flow, resume, start_paused, web_memory
from tests.faults.conftest import Drill

pytestmark = pytest.mark.faults

WATCHERS, TASKS, ROUNDS = 500, 60, 3
MEBIBYTE = 2**20
# A thread that computes for the first time takes an arena of its own, so a single round says little.
MOST_GROWTH = 24 * MEBIBYTE
MOST_PER_WATCHER = 64 * 1024


def test_five_hundred_watchers_lose_no_line_and_leave_nothing_behind(drill: Drill) -> None:
    instance = drill.instance
    instance.hang_up()
    instance.save(flow("crowded", TASKS))
    resume(instance, start_paused(instance, "crowded"))
    before = web_memory(instance)
    sizes: list[int] = []
    for _ in range(ROUNDS):
        execution_id = start_paused(instance, "crowded")
        with Audience(instance, execution_id, WATCHERS) as audience:
            resume(instance, execution_id)
            _assert_whole(audience.heard())
        sizes.append(web_memory(instance))
    assert sizes[0] - before < WATCHERS * MOST_PER_WATCHER + MOST_GROWTH
    assert sizes[-1] - sizes[0] < MOST_GROWTH, [size // MEBIBYTE for size in sizes]


def _assert_whole(heard: Heard) -> None:
    assert (heard.fewest_lines, heard.lines) == (TASKS, TASKS * WATCHERS)
