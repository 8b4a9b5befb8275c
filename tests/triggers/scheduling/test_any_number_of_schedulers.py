"""Schedulers that run beside each other and die at any moment: no date is missed, none starts two executions."""

from __future__ import annotations

import random
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import tenant_scope
from executions.models import Execution
from tests.cast import ACME, Cast
from tests.executions.ground import save
from tests.triggers.ground import timed_flow
from triggers.firing.launching import Launch, started
from triggers.models import Fire, Trigger
from triggers.scheduling.scheduler import Scheduler

pytestmark = pytest.mark.django_db

BEGIN = datetime(2025, 3, 30, tzinfo=UTC)
EVERY_MINUTE = "cron: '* * * * *'\n    allowConcurrent: true"


class Died(BaseException):
    """What kills a scheduler in the middle: nothing catches it on the way."""


class Mortal:
    """One scheduler that dies with some chance whenever it starts something, and is started again."""

    def __init__(self, seed: int, chance: float, *, begins: bool) -> None:
        self.chance = random.Random(seed)
        self.rate = chance
        self.begins = begins
        self.deaths = 0
        self.now = BEGIN

    def run_until(self, now: datetime) -> None:
        self.now = now
        scheduler = Scheduler(clock=lambda: self.now, start=self._start)
        while True:
            try:
                if not scheduler.fire_due():
                    return
            except Died:
                self.deaths += 1

    def _start(self, launch: Launch, pipeline: Pipeline) -> object:
        if self.chance.random() < self.rate:
            raise Died
        found = started(launch, pipeline) if self.begins else pipeline.run()
        if self.chance.random() < self.rate:
            raise Died
        return found


def live_through(minutes: int, schedulers: list[Mortal]) -> None:
    """All of them look at the same time, minute after minute; the last look finds what a death left."""
    for minute in range(minutes):
        now = BEGIN + timedelta(minutes=minute)
        together = threading.Barrier(len(schedulers))
        threads = [threading.Thread(target=_look, args=(each, now, together)) for each in schedulers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for scheduler in schedulers:
        scheduler.rate = 0
        scheduler.run_until(now)


def _look(scheduler: Mortal, now: datetime, together: threading.Barrier) -> None:
    try:
        together.wait()
        scheduler.run_until(now)
    finally:
        connection.close()


def make_schedules(people: Cast, count: int) -> None:
    """One flow that is saved, and copies of its row: saving ten thousand flows is not what is tried."""
    save(people, timed_flow(more=EVERY_MINUTE))
    with tenant_scope(ACME):
        Trigger.objects.update(next_at=BEGIN, due_at=BEGIN)
        kept = Trigger.objects.get()
        copies = []
        for number in range(count - 1):
            copy = Trigger.objects.get()
            copy.pk, copy.namespace = f"copy{number}", f"prod.data.n{number}"
            copies.append(copy)
        Trigger.objects.bulk_create(copies, batch_size=1000)
        assert kept.next_at == BEGIN


def dates_fired() -> Counter[tuple[str, datetime]]:
    with tenant_scope(ACME):
        return Counter(Fire.objects.values_list("trigger_id", "date"))


def assert_each_date_once(count: int, minutes: int) -> None:
    fired = dates_fired()
    assert len(fired) == count * minutes, "missed"
    assert set(fired.values()) == {1}, "twice"


def test_an_hour_of_schedules_with_three_that_crash(people: Cast) -> None:
    make_schedules(people, 4)
    schedulers = [Mortal(seed, 0.1, begins=True) for seed in range(3)]
    live_through(60, schedulers)
    assert_each_date_once(4, 60)
    assert sum(each.deaths for each in schedulers) > 0
    with tenant_scope(ACME):
        ids = set(Fire.objects.values_list("execution_id", flat=True))
        assert set(Execution.objects.values_list("pk", flat=True)) == ids


def test_one_that_helps_joins_in_only_when_many_are_due(people: Cast) -> None:
    make_schedules(people, 30)
    helper = Scheduler(clock=lambda: BEGIN, helps_beyond=30)
    assert helper.fire_due() is False
    assert dates_fired() == {}
    Scheduler(clock=lambda: BEGIN, helps_beyond=29).fire_due()
    assert_each_date_once(30, 1)


@pytest.mark.nightly
def test_a_day_of_ten_thousand_schedules(people: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    """Without executions, which are not what is counted: a fire is written in the transaction that would begin one."""
    count, minutes = 10_000, 24 * 60
    make_schedules(people, count)
    schedulers = [Mortal(seed, 0.0001, begins=False) for seed in range(3)]
    live_through(minutes, schedulers)
    assert_each_date_once(count, minutes)
    with capsys.disabled():
        deaths = sum(each.deaths for each in schedulers)
        print(f"{count} schedules for {minutes} minutes, {deaths} deaths: 0 missed, 0 twice")
