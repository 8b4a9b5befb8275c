"""The threads that do the work, and the jobs that wait in hand for one of them."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable

from workers.runtime.running import Running


class Slots:
    """A fixed number of threads. One that is free takes a job in hand; with none, a wake or its own impatience makes
    it ask for some. When a job has ended its slot counts as free while it tells so: the answer may bring the next one.

    Every question under way holds the slots it asks for, so that two together bring no more jobs than can begin. A job
    that finds no slot all the same goes back at once: it must not wait here while another worker is free.
    """

    def __init__(
        self,
        count: int,
        *,
        ask: Callable[[int], list[Running]],
        work: Callable[[Running], None],
        tell: Callable[[Running], None],
        give_back: Callable[[list[Running]], None],
        patience: float,
    ) -> None:
        self._count = count
        self._ask = ask
        self._work = work
        self._tell = tell
        self._give_back = give_back
        self._patience = patience
        self._lock = threading.Lock()
        self._room = threading.Condition(self._lock)
        self._freed = threading.Condition(self._lock)
        self._claimed: deque[Running] = deque()
        self._wakes = 0
        self._promised = 0
        self._busy = 0
        self._idle = 0
        self._has_refused = False
        self._is_draining = False
        self.on_free: list[Callable[[], None]] = []
        """Called when a slot becomes free after all were busy, or after a wake was refused."""
        self._threads = [
            threading.Thread(target=self._live, name=f"slot-{number}", daemon=True) for number in range(count)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wake(self) -> bool:
        """There may be work: let a free slot ask. False when there is no free slot to ask."""
        with self._room:
            if self._is_draining or self._free() <= 0:
                self._has_refused = True
                return False
            self._wakes += 1
            self._room.notify()
            return True

    def reserve(self) -> int:
        """Hold every free slot for an answer under way: how many jobs it may bring. `take` lets go of them."""
        with self._room:
            return self._hold(self._free())

    def reserve_idle(self) -> int:
        """The same, of the slots alone that have nothing to do, not even to tell how their last job ended."""
        with self._room:
            return self._hold(min(self._idle, self._free()))

    def _hold(self, count: int) -> int:
        held = 0 if self._is_draining else max(0, count)
        self._promised += held
        return held

    def take(self, jobs: list[Running], reserved: int, *, asked_by: int = 0) -> None:
        """What an answer has brought, for the slots that were held for it; `asked_by` of them were busy with asking."""
        with self._room:
            self._promised -= reserved
            self._busy -= asked_by
            self._claimed.extend(jobs)
            surplus = self._surplus()
            self._room.notify(len(self._claimed))
            self._freed.notify_all()
        if surplus:
            self._give_back(surplus)
        self._announce_room()

    def _free(self) -> int:
        """How many slots nobody has a plan for."""
        return self._count - self._busy - len(self._claimed) - self._promised - self._wakes

    def _surplus(self) -> list[Running]:
        """The youngest jobs in hand that no slot can begin now."""
        room = 0 if self._is_draining else self._count - self._busy
        return [self._claimed.pop() for _ in range(len(self._claimed) - max(0, room))]

    def wait_for_room(self, seconds: float) -> None:
        """Return when there is an idle slot to hold, or after that time."""
        with self._freed:
            self._freed.wait_for(lambda: self._is_draining or min(self._idle, self._free()) > 0, seconds)

    def drain(self) -> list[Running]:
        """Begin nothing more; return the jobs in hand that were not begun. Those that still come go back at once."""
        with self._room:
            self._is_draining = True
            left = self._surplus()
            self._room.notify_all()
            self._freed.notify_all()
        return left

    def join(self, seconds: float) -> bool:
        """Wait for the jobs that run; True when all have ended."""
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _live(self) -> None:
        is_asking = True
        while (running := self._next(is_asking)) is not None:
            self._work(running)
            with self._room:
                was_full = self._free() <= 0
                self._busy -= 1
            self._tell(running)
            self._announce_room(was_full)
            is_asking = running.is_apart  # nothing was told, so no answer has brought the next one

    def _announce_room(self, was_full: bool = False) -> None:
        """Whoever heard that there is no room stops listening, so it must hear when there is some."""
        with self._room:
            is_change = not self._is_draining and self._free() > 0 and (self._has_refused or was_full)
            self._has_refused = self._has_refused and not is_change
        if is_change:
            for listener in self.on_free:
                listener()

    def _next(self, is_asking: bool) -> Running | None:
        """The next job for this slot, which counts as busy from here on; None when there will be no more."""
        while True:
            with self._room:
                if not (self._claimed or self._is_draining or (is_asking and self._free() > 0)):
                    self._rest()
                if self._is_draining:
                    return None
                self._busy += 1
                if self._claimed:
                    return self._claimed.popleft()
                if self._wakes:
                    self._wakes -= 1
                more = self._hold(min(self._idle, self._free()))
            jobs = self._ask(1 + more)
            self.take(jobs, more, asked_by=1)
            is_asking = bool(jobs)

    def _rest(self) -> None:
        """Wait for a cause to look again, or until patience ends."""
        self._idle += 1
        self._freed.notify_all()
        self._room.wait_for(self._has_cause, self._patience * random.uniform(0.75, 1.25))
        self._idle -= 1

    def _has_cause(self) -> bool:
        return bool(self._claimed or self._wakes or self._is_draining)
