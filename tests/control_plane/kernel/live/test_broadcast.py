"""When watchers are told, by a clock that the test moves."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

from control_plane.kernel.live.broadcast import MOST_SECONDS, SLICE, Broadcast, pace_of


class FakeClock:
    """An event loop that is always idle."""

    def __init__(self) -> None:
        self.now = 100.0
        self._calls: list[tuple[float, int, Callable[..., Any], tuple[Any, ...]]] = []
        self._count = 0

    def time(self) -> float:
        return self.now

    def call_soon(self, callback: Callable[..., Any], *args: Any) -> None:
        self.call_at(self.now, callback, *args)

    def call_at(self, when: float, callback: Callable[..., Any], *args: Any) -> None:
        self._count += 1
        heapq.heappush(self._calls, (when, self._count, callback, args))

    def run_one(self) -> None:
        self.now, _, callback, args = heapq.heappop(self._calls)
        callback(*args)

    def run_until(self, when: float) -> None:
        while self._calls and self._calls[0][0] <= when:
            self.run_one()
        self.now = when

    @property
    def is_idle(self) -> bool:
        return not self._calls


class Told:
    """Notes when it was told."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.at: list[float] = []

    def catch_up(self) -> None:
        self.at.append(self._clock.now)


def audience(broadcast: Broadcast, clock: FakeClock, count: int) -> list[Told]:
    watchers = [Told(clock) for _ in range(count)]
    for watcher in watchers:
        broadcast.add(watcher)
    return watchers


def test_the_first_reports_after_a_silence_are_told_at_once() -> None:
    clock = FakeClock()
    broadcast = Broadcast(clock)
    (watcher,) = audience(broadcast, clock, 1)
    broadcast.ring()
    clock.run_until(100.0)
    assert watcher.at == [100.0]
    clock.run_until(101.0)
    broadcast.ring()
    clock.run_until(101.0)
    assert watcher.at == [100.0, 101.0]
    assert clock.is_idle


def test_what_comes_soon_after_goes_along_with_the_next() -> None:
    clock = FakeClock()
    broadcast = Broadcast(clock)
    (watcher,) = audience(broadcast, clock, 1)
    for step in range(100):
        broadcast.ring()
        clock.run_until(100.0 + step / 1000)
    clock.run_until(101.0)
    assert len(watcher.at) <= 0.1 / pace_of(1) + 2
    assert all(later - earlier >= pace_of(1) - 1e-9 for earlier, later in zip(watcher.at, watcher.at[1:], strict=False))
    assert watcher.at[-1] >= 100.099
    assert clock.is_idle


def test_no_reports_wait_longer_than_the_bound_however_many_watch() -> None:
    clock = FakeClock()
    broadcast = Broadcast(clock)
    watchers = audience(broadcast, clock, 500)
    broadcast.ring()
    clock.run_until(100.001)
    broadcast.ring()
    clock.run_until(102.0)
    assert max(watcher.at[-1] for watcher in watchers) <= 100.001 + MOST_SECONDS
    assert all(len(watcher.at) == 2 for watcher in watchers)


def test_others_have_their_turn_after_each_slice() -> None:
    clock = FakeClock()
    broadcast = Broadcast(clock)
    watchers = audience(broadcast, clock, SLICE + 1)
    broadcast.ring()
    clock.run_one()
    assert [len(watcher.at) for watcher in watchers] == [1] * SLICE + [0]
    clock.run_one()
    assert [len(watcher.at) for watcher in watchers] == [1] * (SLICE + 1)


def test_who_leaves_during_a_walk_is_told_nothing_more() -> None:
    clock = FakeClock()
    broadcast = Broadcast(clock)
    watchers = audience(broadcast, clock, SLICE + 1)
    broadcast.ring()
    clock.run_one()
    broadcast.discard(watchers[-1])
    clock.run_until(101.0)
    assert watchers[-1].at == []


def test_one_that_fails_takes_nothing_from_the_others(caplog: Any) -> None:
    class Broken:
        def catch_up(self) -> None:
            raise RuntimeError("no")

    clock = FakeClock()
    broadcast = Broadcast(clock)
    broadcast.add(Broken())
    (watcher,) = audience(broadcast, clock, 1)
    broadcast.ring()
    clock.run_until(100.0)
    assert watcher.at == [100.0]
    assert "could not be told" in caplog.text


def test_reports_are_put_together_before_anybody_is_told() -> None:
    clock = FakeClock()
    order: list[str] = []

    class Watcher:
        def catch_up(self) -> None:
            order.append("told")

    broadcast = Broadcast(clock, lambda: order.append("settled"))
    broadcast.add(Watcher())
    broadcast.ring()
    clock.run_until(100.0)
    assert order == ["settled", "told"]


def test_the_pace_is_slower_for_more_watchers_and_bounded() -> None:
    assert pace_of(1) < pace_of(100) < pace_of(10_000) == MOST_SECONDS
