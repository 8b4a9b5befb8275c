"""A place that keeps secrets, asked so that nothing but its own secrets suffers when it sleeps."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Any, TypeVar

from plugins.secrets.port import (
    BackendAway,
    BackendBusy,
    BackendFailed,
    Described,
    Place,
    SecretMissing,
    SecretsBackend,
)
from stores.secrets.breaker import Breaker, Standing
from stores.secrets.remembered import Remembered

T = TypeVar("T")

THREADS = 4
"""Requests at once to one place."""
MOST_WAITING = 256
"""Different questions that wait for a thread; many that ask the same are one."""
MOST_PEOPLE = 2
"""Requests of people that wait for it at once: each holds a thread of the web process meanwhile."""
PATIENCE = 3
"""Requests that one question may take, sign-in and a look at the names included."""


class Guarded:
    """One place with its own threads, breaker and memory."""

    def __init__(self, backend: SecretsBackend, clock: Callable[[], float] = time.monotonic) -> None:
        cache = backend.settings.cache
        self.backend = backend
        self._breaker = Breaker(clock)
        self._remembered = Remembered(cache.seconds, cache.maximum_size, clock)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix=f"secrets-{backend.TYPE}")
        self._deadline = backend.settings.timeout_seconds * PATIENCE
        self._people = threading.BoundedSemaphore(MOST_PEOPLE)
        self._lock = threading.RLock()
        self._under_way: dict[tuple[Place, str], Future[str]] = {}
        self._waiting = 0

    @property
    def standing(self) -> Standing:
        return self._breaker.standing

    def value(self, place: Place, key: str) -> str:
        """Read it while a thread waits. Raises SecretMissing and BackendFailed."""
        return self._waited_for(self._reading(place, key))

    async def value_in_time(self, place: Place, key: str) -> str:
        """Read it while nobody's thread waits: for jobs, of which any number may ask at once."""
        future = self._reading(place, key)
        try:
            # Shielded: others wait for the same answer.
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), self._deadline)
        except TimeoutError:
            raise self._out_of_time() from None
        except asyncio.CancelledError:
            if future.cancelled():
                raise _given_up() from None
            raise

    def entries(self, place: Place) -> list[Described]:
        return self._as_a_person(lambda: self.backend.entries(place))

    def find(self, place: Place, key: str) -> Described | None:
        return self._as_a_person(lambda: self.backend.find(place, key))

    def write(self, place: Place, described: Described, value: str) -> None:
        try:
            self._as_a_person(lambda: self.backend.write(place, described, value))
        finally:
            self._remembered.forget(place, described.key)

    def delete(self, place: Place, key: str) -> bool:
        try:
            return self._as_a_person(lambda: self.backend.delete(place, key))
        finally:
            self._remembered.forget(place, key)

    def tried(self, work: Callable[[], T]) -> T:
        """Do it whatever the breaker says: somebody wants to know how it stands now."""
        return self._waited_for(self._submitted(work))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.backend.close()

    def _reading(self, place: Place, key: str) -> Future[str]:
        """What is known, what somebody asks already, or a new question."""
        is_known, value = self._remembered.find(place, key)
        if is_known:
            return _done(value, key)
        name = (place, key.upper())
        with self._lock:
            under_way = self._under_way.get(name)
            if under_way is not None:
                return under_way
            self._breaker.check()
            age = self._remembered.age
            future = self._submitted(lambda: self._read(place, key, age))
            self._under_way[name] = future
        future.add_done_callback(lambda _: self._ended(name))
        return future

    def _read(self, place: Place, key: str, age: int) -> str:
        try:
            value = self.backend.read(place, key)
        except SecretMissing:
            self._remembered.keep(place, key, None, age)
            raise
        self._remembered.keep(place, key, value, age)
        return value

    def _ended(self, name: tuple[Place, str]) -> None:
        with self._lock:
            self._under_way.pop(name, None)

    def _as_a_person(self, work: Callable[[], T]) -> T:
        self._breaker.check()
        return self._waited_for(self._submitted(work))

    def _submitted(self, work: Callable[[], T]) -> Future[T]:
        with self._lock:
            if self._waiting >= MOST_WAITING:
                raise BackendBusy(f"{MOST_WAITING} questions wait for this place already")
            self._waiting += 1
        try:
            future = self._threads.submit(self._judged, work)
        except RuntimeError:
            self._one_less(None)
            raise _given_up() from None
        future.add_done_callback(self._one_less)
        return future

    def _one_less(self, _: Any) -> None:
        with self._lock:
            self._waiting -= 1

    def _judged(self, work: Callable[[], T]) -> T:
        try:
            result = work()
        except BackendFailed as error:
            self._breaker.failed(error)
            raise
        except SecretMissing:
            self._breaker.went_well()
            raise
        self._breaker.went_well()
        return result

    def _waited_for(self, future: Future[T]) -> T:
        if future.done():
            return future.result()
        if not self._people.acquire(blocking=False):
            raise BackendBusy("This place answers slowly, and others wait for it already: try again")
        try:
            return future.result(self._deadline)
        except TimeoutError:
            raise self._out_of_time() from None
        except CancelledError:
            raise _given_up() from None
        finally:
            self._people.release()

    def _out_of_time(self) -> BackendAway:
        error = BackendAway(f"The place of these secrets did not answer within {self._deadline:g} s")
        self._breaker.failed(error)
        return error


def _given_up() -> BackendAway:
    """Closed while somebody waits: too many others are in use, or the process ends."""
    return BackendAway("The connection to the place of these secrets was closed: ask again")


def _done(value: str | None, key: str) -> Future[str]:
    future: Future[str] = Future()
    if value is None:
        future.set_exception(SecretMissing(f"There is no secret '{key}'"))
    else:
        future.set_result(value)
    return future
