"""Who waits holds no thread; what that costs others is a figure of `make bench`."""

from tests.bench.bench_waiters import read_p95, served, waiting


def test_ten_waiters_for_every_thread_leave_ordinary_reads_served():
    with served() as port, waiting(port, 80):
        median, _ = read_p95(port, 20)
    assert median < 1000
