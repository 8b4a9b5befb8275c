"""The right to each job in hand, by this machine's own clock, and the orders that come with it."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable

from workers.runtime import protocol
from workers.runtime.api import Away, ControlPlane, Refused
from workers.runtime.running import Running
from workers.runtime.stopping import Why

MARGIN_SECONDS = 5.0
"""A task is stopped this long before its lease ends, so that it is over when another worker may begin."""
RECONNECT_SECONDS = 0.4
"""Pause before a long poll that broke off is opened again."""
MAX_DOOMED = 1000
"""Orders to kill that are remembered for jobs that were not seen yet."""


class Leases:
    """Jobs in hand with the moment they must be over. Time is counted from before each question was sent."""

    def __init__(self, margin: float = MARGIN_SECONDS) -> None:
        self._margin = margin
        self._lock = threading.Lock()
        self._jobs: dict[str, tuple[Running, float]] = {}
        self._doomed: OrderedDict[str, None] = OrderedDict()

    def add(self, running: Running, asked_at: float) -> None:
        with self._lock:
            self._jobs[running.key] = (running, asked_at + running.job.lease_until - self._margin_of(running))
            is_doomed = self._doomed.pop(running.key, self) is None
        if is_doomed:
            running.stop.turn(Why.KILLED)

    def kill(self, job_id: str) -> None:
        """Kill a job. The order may be faster than the answer that brings the job: then it waits for it."""
        with self._lock:
            known = self._jobs.get(job_id)
            if known is None:
                self._doomed[job_id] = None
                while len(self._doomed) > MAX_DOOMED:
                    self._doomed.popitem(last=False)
        if known is not None:
            known[0].stop.turn(Why.KILLED)

    def _margin_of(self, running: Running) -> float:
        """Short leases, as tests have, keep a smaller margin."""
        return min(self._margin, running.job.lease_until / 3)

    def remove(self, running: Running) -> None:
        with self._lock:
            self._jobs.pop(running.key, None)

    def renew(self, leases: dict[str, float], asked: Iterable[str], asked_at: float) -> list[Running]:
        """Take the answer of a heartbeat; return the jobs it no longer names."""
        gone = []
        with self._lock:
            for job_id in asked:
                known = self._jobs.get(job_id)
                if known is None:
                    continue
                running = known[0]
                if job_id in leases:
                    self._jobs[job_id] = (running, asked_at + leases[job_id] - self._margin_of(running))
                else:
                    gone.append(running)
        return gone

    def overdue(self) -> list[Running]:
        """Jobs whose lease is about to end."""
        now = time.monotonic()
        with self._lock:
            return [running for running, until in self._jobs.values() if now >= until]

    def find(self, job_id: str) -> Running | None:
        with self._lock:
            known = self._jobs.get(job_id)
        return known[0] if known else None

    def all(self) -> list[Running]:
        with self._lock:
            return [running for running, _ in self._jobs.values()]


class Heart:
    """Renews the leases, obeys orders, and stops whatever could not be renewed in time."""

    def __init__(
        self,
        api: ControlPlane,
        worker_id: str,
        leases: Leases,
        *,
        seconds: float,
        on_drain: Callable[[], None],
        let_go: Callable[[Running], None],
        on_unknown: Callable[[str], None],
        ended: Callable[[], int] = lambda: 0,
    ) -> None:
        self._api = api
        self._worker_id = worker_id
        self._leases = leases
        self._seconds = seconds
        self._on_drain = on_drain
        self._let_go = let_go
        self._on_unknown = on_unknown
        self._ended = ended
        self._closing = threading.Event()
        self._threads = [
            threading.Thread(target=self._beat_on, name="heartbeat", daemon=True),
            threading.Thread(target=self._listen_on, name="orders", daemon=True),
            threading.Thread(target=self._watch_on, name="leases", daemon=True),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._closing.set()

    def beat(self) -> None:
        """One heartbeat."""
        jobs = [running.key for running in self._leases.all()]
        asked_at = time.monotonic()
        body = protocol.Heartbeat(worker_id=self._worker_id, jobs=jobs, ended=self._ended())
        answer = self._api.post("heartbeat", body, protocol.Beat, timeout=max(2.0, self._seconds))
        for running in self._leases.renew(answer.leases, jobs, asked_at):
            self._lose(running)
        self.obey(answer.orders)

    def _lose(self, running: Running) -> None:
        """The job is somebody else's, or nobody's: stop it. One that has ended stays until its report is answered."""
        if not running.is_finished:
            running.stop.turn(Why.GONE)
            self._let_go(running)

    def obey(self, orders: Iterable[protocol.Order]) -> None:
        for order in orders:
            if order.order == "drain":
                self._on_drain()
            elif order.job_id:
                self._leases.kill(order.job_id)

    def _beat_on(self) -> None:
        while not self._closing.wait(self._seconds):
            try:
                self.beat()
            except Away:
                continue
            except Refused as error:
                if error.status in (401, 403, 404, 409):
                    self._on_unknown(str(error))

    def _listen_on(self) -> None:
        """Keep one long poll open, so that an order arrives within a second, also after nobody answered for a while."""
        cursor: str | None = None
        while not self._closing.is_set():
            try:
                answer = self._api.get("orders", protocol.Orders, timeout=40.0, workerId=self._worker_id, cursor=cursor)
            except Away:
                self._closing.wait(min(RECONNECT_SECONDS, self._seconds))
                continue
            except Refused:
                self._closing.wait(self._seconds)
                continue
            cursor = answer.cursor or cursor
            self.obey(answer.orders)
            if any(order.order == "drain" for order in answer.orders):
                self._closing.wait(self._seconds)

    def _watch_on(self) -> None:
        while not self._closing.wait(0.2):
            for running in self._leases.overdue():
                running.stop.turn(Why.GONE)
                self._let_go(running)
