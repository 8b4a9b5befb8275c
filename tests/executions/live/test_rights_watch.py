"""Many connections wait for rights to move: one look serves them all, and their checks take turns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from django.db import InterfaceError

from executions.live import rights_watch
from executions.live.rights_watch import AT_A_TIME, RightsWatch, in_turn, rights_moved
from iam.authorization.versions import Versions

PATIENCE = 10.0
OLD, NEW = Versions(1, 1), Versions(1, 2)


class Database:
    """Says which version holds, and how often it was asked."""

    def __init__(self) -> None:
        self.versions = OLD
        self.looks = 0
        self.is_away = False

    def current(self, tenant: str) -> Versions:
        self.looks += 1
        if self.is_away:
            raise InterfaceError("away")
        return self.versions


@pytest.fixture
async def database(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    database = Database()

    async def here(function: Any, *args: Any) -> Any:
        await asyncio.sleep(0)
        return function(*args)

    monkeypatch.setattr(rights_watch, "in_thread", here)
    monkeypatch.setattr(rights_watch, "current", database.current)
    monkeypatch.setattr(rights_watch, "LOOK_SECONDS", 0.005)
    yield database


async def test_all_who_wait_are_told_by_one_look(database: Database) -> None:
    watch = RightsWatch("acme")
    waiting = [asyncio.create_task(watch.moved(OLD)) for _ in range(100)]
    await asyncio.sleep(0)
    database.versions = NEW
    assert await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE) == [NEW] * 100
    assert database.looks < 10


async def test_who_comes_with_what_holds_waits_for_the_next_move(database: Database) -> None:
    first = asyncio.create_task(rights_moved("acme", OLD))
    await asyncio.sleep(0)
    database.versions = NEW
    seen = await asyncio.wait_for(first, PATIENCE)
    second = asyncio.create_task(rights_moved("acme", seen))
    database.versions = Versions(2, 2)
    assert await asyncio.wait_for(second, PATIENCE) == Versions(2, 2)


async def test_a_database_that_is_away_is_asked_again(database: Database) -> None:
    database.is_away = True
    waiting = asyncio.create_task(RightsWatch("acme").moved(OLD))
    while database.looks < 2:
        await asyncio.sleep(0)
    database.is_away, database.versions = False, NEW
    assert await asyncio.wait_for(waiting, PATIENCE) == NEW


async def test_checks_of_many_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once: list[int] = []
    running = 0

    async def counted(function: Any, *args: Any) -> Any:
        nonlocal running
        running += 1
        at_once.append(running)
        await asyncio.sleep(0)
        running -= 1
        return function(*args)

    monkeypatch.setattr(rights_watch, "in_thread", counted)
    assert await asyncio.gather(*(in_turn(abs, -number) for number in range(20))) == list(range(20))
    assert max(at_once) == AT_A_TIME
