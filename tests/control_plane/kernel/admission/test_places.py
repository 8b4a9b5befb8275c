"""Whoever asks for much waits for themselves; everybody else finds a thread."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from control_plane.kernel.admission.places import Places
from control_plane.kernel.words.errors import TooManyRequests, Unavailable


class Work:
    """Requests that hold their place until they are let go."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self.running: list[str] = []

    async def begin(self, caller: str) -> tuple[asyncio.Event, asyncio.Task[Any]]:
        end = asyncio.Event()
        task = asyncio.create_task(self._work(caller, end))
        await asyncio.sleep(0)
        return end, task

    async def _work(self, caller: str, end: asyncio.Event) -> None:
        async with self._places.place(caller):
            self.running.append(caller)
            await end.wait()
            self.running.remove(caller)


async def test_one_caller_leaves_a_thread_to_others() -> None:
    work = Work(Places(waiting=10, per_caller=10, at_once=2))
    (first, _), (second, _), (third, last) = [await work.begin("mallory") for _ in range(3)]
    assert work.running == ["mallory", "mallory"]
    vera, _ = await work.begin("vera")
    assert work.running == ["mallory", "mallory", "vera"]
    for end in (first, second, third, vera):
        end.set()
    await asyncio.wait_for(last, 5)
    assert work.running == []


async def test_a_caller_with_too_much_in_hand_is_told_when_to_come_back() -> None:
    places = Places(waiting=10, per_caller=1, at_once=1)
    async with places.place("mallory"):
        with pytest.raises(TooManyRequests) as refused:
            async with places.place("mallory"):
                raise AssertionError("there is no place")
        async with places.place("vera"):
            pass
    assert refused.value.details == {"retry_after": 1}
    async with places.place("mallory"):
        pass


async def test_all_together_may_wait_only_so_many() -> None:
    places = Places(waiting=1, per_caller=1, at_once=1)
    async with places.place("vera"):
        with pytest.raises(Unavailable):
            async with places.place("olga"):
                raise AssertionError("there is no place")


async def test_one_who_leaves_while_waiting_takes_no_turn_with_them() -> None:
    work = Work(Places(waiting=10, per_caller=10, at_once=1))
    first, _ = await work.begin("vera")
    _, gone = await work.begin("vera")
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    third, last = await work.begin("vera")
    first.set()
    third.set()
    await asyncio.wait_for(last, 5)
    async with work._places.place("vera"):
        pass
