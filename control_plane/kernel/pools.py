"""Threads together with the places of those who wait for them: a pool for each purpose that must wait for no other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache
from typing import ParamSpec, TypeVar

from control_plane.kernel.admission.places import Places
from control_plane.kernel.config import config
from control_plane.kernel.threads import health_thread, in_thread_of, request_threads, sign_in_threads

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Pool:
    threads: Executor
    places: Places

    async def run(self, caller: str, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """In a thread, once it is this caller's turn. Raises as `Places.place` does."""
        async with self.places.place(caller):
            return await in_thread_of(self.threads, function, *args, **kwargs)


@cache
def request_pool() -> Pool:
    knobs = config()
    return Pool(request_threads(), _places(knobs.web_threads * knobs.admission.waiting_per_thread, knobs.web_threads))


@cache
def sign_in_pool() -> Pool:
    rules = config().admission
    return Pool(sign_in_threads(), _places(rules.sign_ins_waiting, rules.sign_in_threads))


@cache
def health_pool() -> Pool:
    return Pool(health_thread(), Places(waiting=64, per_caller=64, at_once=1))


def _places(waiting: int, threads: int) -> Places:
    share = config().admission.caller_share
    return Places(waiting=waiting, per_caller=max(1, int(waiting * share)), at_once=max(1, int(threads * share)))
