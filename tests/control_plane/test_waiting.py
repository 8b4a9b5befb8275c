"""Who waits costs nobody else anything; the figure for 500 is printed by `make bench`."""

import pytest

from tests.bench.bench_waiters import measure

# Two shared cores may pause a process for longer than a read takes.
PAUSE_MS = 3


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_ten_waiters_for_every_thread_do_not_slow_an_ordinary_read():
    found = measure(waiters=80, reads=300)
    assert found["beside_p95_ms"] <= found["alone_p95_ms"] * 1.5 + PAUSE_MS
