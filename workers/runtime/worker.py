"""The worker process put together: it registers, keeps its slots busy, and leaves in good order."""

from __future__ import annotations

import logging
import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from control_plane.kernel.words.egress import EgressPolicy
from control_plane.kernel.words.endpoints import Endpoint, endpoint_of, endpoint_of_url
from control_plane.kernel.words.ids import new_id
from plugins.contracts import State
from workers.runtime import protocol
from workers.runtime.api import Away, ControlPlane, Refused
from workers.runtime.jobs import JobRunner
from workers.runtime.leases import Heart, Leases
from workers.runtime.listeners import Listeners
from workers.runtime.local_paths import LocalPaths
from workers.runtime.reporter import Reporter
from workers.runtime.running import Running, claimed_job
from workers.runtime.slots import Slots
from workers.runtime.stopping import Why

if TYPE_CHECKING:
    from workers.runtime.tickets import Tickets

VERSION = "0.1.0"
LONG_POLL_SECONDS = 20.0
_PAUSES = (0.2, 0.5, 1.0)
"""Seconds between tries of a draining worker to hand its jobs back while the control plane is away."""

_LISTENERS_SECONDS = 5.0
"""How long a draining worker waits for what listens: whatever that has found is taken, or told again by its source."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a worker process was told when it was started."""

    url: str
    token: str
    group: str | None = None
    slots: int = 8
    name: str = field(default_factory=socket.gethostname)
    drain_seconds: float = 30.0
    allow_private: bool = False
    """Tasks may connect to private addresses, even when the control plane does not say so."""
    allow_self: bool = False
    """Tasks may connect to the control plane's web address, even when it does not say so."""
    refused: tuple[str, ...] = ()
    """`host:port` that tasks never connect to, besides those that the control plane names."""
    local_paths: tuple[Path, ...] = ()
    """Folders of this machine that tasks and triggers may read and write."""
    trusts_containers: bool = False
    """Containers of tasks may be given the rights and the network of this machine."""
    directory: Path | None = None
    """Where working directories are made; the system's place for temporary files when absent."""


class NoLongerAccepted(Exception):
    """The control plane has shut its endpoint to this worker while it ran."""


class Worker:
    """One worker. `run` returns when it was drained; `drain` and `abandon` may be called from anywhere, once each."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._api = ControlPlane(settings.url, settings.token)
        self._leases = Leases()
        self._listeners = Listeners(self._live)
        self._draining = threading.Event()
        self._abandoned = threading.Event()
        self._registered: protocol.Registered | None = None
        self._refusal: str | None = None

    def run(self) -> None:
        """Work until drained. Raises NoLongerAccepted when it had to stop because nobody lets it in any more."""
        try:
            registered = self._register()
            with tempfile.TemporaryDirectory(prefix="orrery-worker-", dir=self._settings.directory) as directory:
                os.chmod(directory, 0o711)
                self._assemble(registered, Path(directory))
                self._start(registered)
                self._draining.wait()
                self._leave()
        finally:
            self._api.close_all()
        if self._refusal is not None:
            raise NoLongerAccepted(self._refusal)

    def drain(self) -> None:
        """Take no more work, let what runs finish for a while, hand the rest back."""
        self._draining.set()

    def abandon(self) -> None:
        """Do not wait any longer for what runs."""
        self._abandoned.set()
        self._draining.set()

    def _register(self) -> protocol.Registered:
        """Introduce this process, as often as it takes until somebody answers."""
        body = protocol.Register(
            request_id=new_id(),
            name=self._settings.name,
            host=socket.gethostname(),
            pid=os.getpid(),
            version=VERSION,
            slots=self._settings.slots,
            group=self._settings.group,
        )
        while True:
            try:
                answer = self._api.post("register", body, protocol.Registered)
            except Away as error:
                log.warning("waiting for the control plane: %s", error)
                if self._draining.wait(1.0):
                    raise
                continue
            log.info("worker %s serves the group %s with %s slots", answer.worker_id, answer.group, body.slots)
            return answer

    def _assemble(self, registered: protocol.Registered, directory: Path) -> None:
        self._registered = registered
        policy = egress_policy(registered, self._settings)
        self._workshop = JobRunner(
            self._settings.url,
            policy,
            directory,
            on_change=lambda running: self._reporter.note(running),
            local=LocalPaths(self._settings.local_paths, trusts_containers=self._settings.trusts_containers),
        )
        self._slots = Slots(
            self._settings.slots,
            ask=self._claim,
            work=self._work,
            tell=self._tell,
            give_back=self._hand_back,
            patience=registered.poll_seconds,
        )
        self._reporter = Reporter(
            self._api,
            registered.worker_id,
            reserve=self._slots.reserve,
            take_jobs=self._take,
            let_go=self._leases.remove,
        )
        self._heart = Heart(
            self._api,
            registered.worker_id,
            self._leases,
            seconds=registered.heartbeat_seconds,
            on_drain=self.drain,
            let_go=self._leases.remove,
            on_unknown=self._on_unknown,
            ended=lambda: self._reporter.ended,
        )
        self._tickets = self._hear(registered.broker) if registered.broker else None

    def _hear(self, broker: protocol.Broker) -> Tickets:
        """Celery is loaded by those alone who may listen to a broker."""
        from workers.runtime.tickets import Tickets

        return Tickets(broker, self._slots.wake, self._slots.on_free)

    def _start(self, registered: protocol.Registered) -> None:
        self._reporter.start()
        self._heart.start()
        self._slots.start()
        if self._tickets is not None:
            self._tickets.start()
        else:
            threading.Thread(target=self._poll_on, name="long-poll", daemon=True).start()

    @property
    def _id(self) -> str:
        assert self._registered is not None
        return self._registered.worker_id

    def _claim(self, wanted: int, wait: float = 0.0) -> list[Running]:
        """Ask for jobs. None when nobody answers: the slot asks again later."""
        asked_at = time.monotonic()
        body = protocol.Claim(request_id=new_id(), worker_id=self._id, max=wanted, wait=wait)
        for _ in range(2):
            try:
                answer = self._api.post("claim", body, protocol.Claimed, timeout=30.0 + wait)
            except Away:
                # The answer may have been lost on its way: the same question brings the same jobs.
                continue
            except Refused as error:
                log.warning("no jobs for this worker: %s", error)
                return []
            return self._accept(answer.jobs, asked_at)
        return []

    def _accept(self, jobs: Iterable[protocol.Job], asked_at: float) -> list[Running]:
        accepted = [claimed_job(job, self._reporter.note) for job in jobs]
        for running in accepted:
            self._leases.add(running, asked_at)
        return accepted

    def _take(self, jobs: Iterable[protocol.Job], asked_at: float, reserved: int) -> None:
        self._slots.take(self._accept(jobs, asked_at), reserved)

    def _work(self, running: Running) -> None:
        if running.job.kind != "listen" or not self._listeners.take(running):
            self._do(running)

    def _tell(self, running: Running) -> None:
        if not running.is_apart:
            self._tell_end(running)

    def _live(self, running: Running) -> None:
        self._do(running)
        self._tell_end(running)

    def _do(self, running: Running) -> None:
        if running.stop.is_turned:
            running.end = protocol.End(state=State.KILLED.value, is_retryable=False)
            return
        running.has_begun = True
        self._reporter.note(running)
        try:
            self._workshop.work(running)
        except Exception as error:
            log.exception("the job %s ended by a defect", running.key)
            words = running.masker.mask(f"{type(error).__name__}: {error}")
            running.end = protocol.End(state=State.FAILED.value, error=words[:8192])

    def _tell_end(self, running: Running) -> None:
        """Report the end; of a job that is no longer ours, or goes back, there is nothing to tell."""
        if running.stop.why in (Why.GONE, Why.DRAINED):
            self._leases.remove(running)
            return
        try:
            self._reporter.finish(running)
        except Exception:
            # Its lease is renewed no more, so that it is found lost instead of waiting here for ever.
            log.exception("the end of the job %s cannot be told", running.key)
            self._leases.remove(running)

    def _poll_on(self) -> None:
        """Without a broker: keep asking, each question open until there is an answer."""
        while not self._draining.is_set():
            wanted = self._slots.reserve_idle()
            if wanted == 0:
                self._slots.wait_for_room(1.0)
                continue
            begun = time.monotonic()
            jobs = self._claim(wanted, LONG_POLL_SECONDS)
            self._slots.take(jobs, wanted)
            if not jobs and time.monotonic() - begun < 1.0:
                self._draining.wait(1.0)

    def _on_unknown(self, reason: str) -> None:
        """The control plane does not know this worker any more, or its token was revoked: it may run nothing."""
        if self._refusal is None:
            log.error("this worker is no longer accepted and stops: %s", reason)
        self._refusal = reason
        for running in self._leases.all():
            running.stop.turn(Why.GONE)
        self.abandon()

    def _leave(self) -> None:
        """Hand back what was not begun and what only listens at once, what runs after the grace time; say goodbye."""
        if self._tickets is not None:
            self._tickets.close()
        self._hand_back(self._slots.drain())
        self._hand_back(self._listeners.stop(_LISTENERS_SECONDS))
        deadline = time.monotonic() + self._settings.drain_seconds
        while not self._slots.join(0.1) and not self._abandoned.is_set() and time.monotonic() < deadline:
            continue
        left = [running for running in self._leases.all() if not running.is_finished]
        for running in left:
            running.stop.turn(Why.DRAINED)
        self._slots.join(8.0)
        self._hand_back(left)
        self._reporter.close(5.0)
        self._heart.close()
        self._say_goodbye()

    def _hand_back(self, jobs: list[Running]) -> None:
        if not jobs:
            return
        body = protocol.Release(
            request_id=new_id(),
            worker_id=self._id,
            jobs=[running.key for running in jobs if not running.has_begun],
            begun=[running.key for running in jobs if running.has_begun],
        )
        for pause in (*_PAUSES, None):
            try:
                self._api.post("release", body, protocol.Empty)
                break
            except (Away, Refused) as error:
                # Only who claims no more may say it twice: it could have claimed the same job again meanwhile.
                if pause is None or isinstance(error, Refused) or not self._draining.is_set():
                    log.warning("jobs could not be handed back and will be missed: %s", error)
                    break
            time.sleep(pause)
        for running in jobs:
            self._leases.remove(running)

    def _say_goodbye(self) -> None:
        try:
            self._api.post("goodbye", protocol.Goodbye(request_id=new_id(), worker_id=self._id), protocol.Empty)
        except (Away, Refused):
            log.info("left without a goodbye")


def egress_policy(registered: protocol.Registered, settings: Settings) -> EgressPolicy:
    """Where tasks of this worker may connect to: what the control plane says, widened by the worker's own settings.

    The broker and the worker API are refused and known as ours even when the control plane names neither.
    """
    rules = registered.egress
    refused = [*(Endpoint(place.host, place.port) for place in rules.refused), *map(endpoint_of, settings.refused)]
    broker = endpoint_of_url(registered.broker.url) if registered.broker is not None else None
    own = [*(Endpoint(place.host, place.port) for place in rules.own), endpoint_of_url(settings.url)]
    return EgressPolicy(
        allow_private=rules.allow_private or settings.allow_private,
        allow_self=rules.allow_self or settings.allow_self,
        own=tuple(each for each in own if each is not None),
        refused=(*refused, *([broker] if broker is not None else [])),
    )
