"""Telling the control plane what happened: one report at a time, each taking along whatever has gathered."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

import msgspec

from control_plane.kernel.words.ids import new_id
from workers.runtime import protocol
from workers.runtime.api import Away, ControlPlane, Refused
from workers.runtime.running import Running
from workers.runtime.stopping import Why
from workers.runtime.text import readable_deep

LOG_SECONDS = 0.05
FIRST_SECONDS = 0.01
"""Lines wait for company until so long after the last report; after a silence as long as a quick task takes to end."""
BATCH_BYTES = 2 * 1024 * 1024
"""Lines in one report; what is left goes with the next."""
_MAX_ROUNDS = 64
_BACKOFF = (0.2, 0.5, 1.0, 2.0, 5.0)

_encoder = msgspec.json.Encoder()


class Reporter:
    """Gathers what jobs report and sends it. Whoever ends a job sends, unless a report is under way: then it waits for
    that one and goes along with the next, so that reports grow with the load and a chain of tasks costs one each.

    A report that got no answer is sent again with the same request id, before anything newer.
    """

    def __init__(
        self,
        api: ControlPlane,
        worker_id: str,
        *,
        reserve: Callable[[], int],
        take_jobs: Callable[[Iterable[protocol.Job], float, int], None],
        let_go: Callable[[Running], None],
    ) -> None:
        self._api = api
        self._worker_id = worker_id
        self._reserve = reserve
        self._take_jobs = take_jobs
        self._let_go = let_go
        self._sending = threading.Lock()
        self._pending_lock = threading.Lock()
        self._pending: dict[str, Running] = {}
        self._unsent: tuple[bytes, list[Running]] | None = None
        self._reserved = 0
        self._failures = 0
        self._retry_at = 0.0
        self._asked_at = 0.0
        self._has_changes = threading.Event()
        self._is_closing = False
        self.ended = 0
        """Jobs whose end was to be told so far."""
        self._thread = threading.Thread(target=self._pump, name="reporter", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def note(self, running: Running) -> None:
        """There is something to tell about this job, soon."""
        with self._pending_lock:
            self._pending[running.key] = running
        self._has_changes.set()

    def finish(self, running: Running) -> None:
        """The job has ended: tell it now. Returns when it was told, or could not be told yet."""
        running.is_finished = True
        with self._pending_lock:
            self.ended += 1
            self._pending[running.key] = running
        with self._sending:
            for _ in range(_MAX_ROUNDS):
                with self._pending_lock:
                    is_told = running.key not in self._pending
                if is_told or not self._send():
                    return

    def close(self, seconds: float) -> bool:
        """Send what is left, for at most that long; False when something could not be told."""
        self._is_closing = True
        self._has_changes.set()
        self._thread.join(seconds)
        deadline = time.monotonic() + seconds
        while self._is_dirty() and time.monotonic() < deadline:
            with self._sending:
                if not self._send():
                    time.sleep(min(0.2, max(0.0, deadline - time.monotonic())))
        return not self._is_dirty()

    def _is_dirty(self) -> bool:
        with self._pending_lock:
            return bool(self._pending) or self._unsent is not None

    def _pump(self) -> None:
        """Sends lines that nobody ended a job for, and reports that found nobody."""
        while not self._is_closing:
            self._has_changes.wait(self._patience())
            if self._is_closing:
                return
            if self._has_changes.is_set():
                time.sleep(company_seconds(time.monotonic() - self._asked_at))
                self._has_changes.clear()
            if time.monotonic() >= self._retry_at and self._is_dirty():
                with self._sending:
                    self._send()

    def _patience(self) -> float | None:
        return max(0.01, self._retry_at - time.monotonic()) if self._unsent is not None else None

    def _send(self) -> bool:
        """Send what did not go through before, then what is new. Called by whoever holds `_sending`."""
        if self._unsent is not None and not self._deliver(*self._unsent):
            return False
        batch = self._gather()
        return self._deliver(*batch) if batch is not None else True

    def _gather(self) -> tuple[bytes, list[Running]] | None:
        with self._pending_lock:
            jobs, self._pending = list(self._pending.values()), {}
        items, told, budget = [], [], BATCH_BYTES
        for running in jobs:
            item = _item(running, budget)
            if item is not None:
                items.append(item)
                told.append(running)
                budget -= sum(len(line.message) + 128 for line in item.logs)
            if running.journal.has_lines:
                self.note(running)
        if not items:
            return None
        self._reserved = self._reserve()
        report = protocol.Report(request_id=new_id(), worker_id=self._worker_id, items=items, want_jobs=self._reserved)
        return _encoded(report), told

    def _deliver(self, body: bytes, jobs: list[Running]) -> bool:
        self._asked_at = asked_at = time.monotonic()
        try:
            answer = self._api.send("POST", "report", body, protocol.Reported)
        except Away:
            self._unsent = (body, jobs)
            self._retry_at = time.monotonic() + _BACKOFF[min(self._failures, len(_BACKOFF) - 1)]
            self._failures += 1
            self._has_changes.set()
            self._take([], asked_at)
            return False
        except Refused:
            answer = protocol.Reported(results=[protocol.Result(job_id=job.key, status="gone") for job in jobs])
        self._unsent, self._failures, self._retry_at = None, 0, 0.0
        self._read(answer, jobs, asked_at)
        return True

    def _read(self, answer: protocol.Reported, jobs: list[Running], asked_at: float) -> None:
        statuses = {result.job_id: result.status for result in answer.results}
        for running in jobs:
            status = statuses.get(running.key, "ok")
            if status != "ok":
                running.stop.turn(Why.KILLED if status == "killed" else Why.GONE)
            if status == "gone" or running.is_end_told:
                self._let_go(running)
        self._take(answer.jobs, asked_at)

    def _take(self, jobs: list[protocol.Job], asked_at: float) -> None:
        """No slot is held for an answer that may be long in coming: what it brings then finds one, or goes back."""
        reserved, self._reserved = self._reserved, 0
        self._take_jobs(jobs, asked_at, reserved)


def company_seconds(since_last_report: float) -> float:
    return max(FIRST_SECONDS, LOG_SECONDS - since_last_report)


def _encoded(report: protocol.Report) -> bytes:
    """As JSON. A task may have put halves of characters into its words, which cannot be sent: they are replaced."""
    try:
        return _encoder.encode(report)
    except UnicodeEncodeError:
        return _encoder.encode(readable_deep(msgspec.to_builtins(report)))


def _item(running: Running, budget: int) -> protocol.Item | None:
    """The reports of one job; its end only together with its last line."""
    is_finished = running.is_finished
    lines = running.journal.take_lines(budget) if budget > 0 else []
    children = running.take_children()
    is_end = is_finished and not running.journal.has_lines and not running.is_end_told
    says_start = running.has_begun and not running.is_start_told
    if not (lines or children or is_end or says_start):
        return None
    running.is_start_told = running.has_begun
    running.is_end_told = is_end
    return protocol.Item(
        job_id=running.key,
        attempt=running.job.attempt,
        kind=running.job.kind,
        started=says_start,
        logs=lines,
        metrics=running.journal.take_metrics() if is_end else [],
        children=children,
        end=running.end if is_end else None,
        values=running.values if is_end else None,
        secrets=running.masker.found_in(running.values) if is_end and running.values is not None else [],
    )
