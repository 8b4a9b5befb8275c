from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator

import pytest

from tests.workers.runtime.control_plane import job
from workers.runtime.running import Running, claimed_job
from workers.runtime.slots import Slots


class ChildRunner:
    """Slots whose every question, job and telling waits until the test lets it go on."""

    def __init__(self) -> None:
        self.answers: list[list[Running]] = []
        self.asked: list[int] = []
        self.returned: list[str] = []
        self.begun: list[str] = []
        self.told: list[str] = []
        self.heard = threading.Condition()
        self.may_answer, self.may_end, self.may_tell = threading.Event(), threading.Event(), threading.Event()
        self.may_answer.set()
        self.may_tell.set()
        self.has_room = threading.Event()

    def ask(self, wanted: int) -> list[Running]:
        with self.heard:
            self.asked.append(wanted)
            self.heard.notify_all()
        self.may_answer.wait(10)
        with self.heard:
            return self.answers.pop(0) if self.answers else []

    def work(self, running: Running) -> None:
        with self.heard:
            self.begun.append(running.key)
            self.heard.notify_all()
        self.may_end.wait(10)

    def tell(self, running: Running) -> None:
        with self.heard:
            self.told.append(running.key)
            self.heard.notify_all()
        self.may_tell.wait(10)

    def give_back(self, jobs: list[Running]) -> None:
        with self.heard:
            self.returned += [running.key for running in jobs]
            self.heard.notify_all()

    def until(self, holds: Callable[[], bool]) -> None:
        with self.heard:
            assert self.heard.wait_for(holds, 10), "it did not happen"

    def go_on(self) -> None:
        for event in (self.may_answer, self.may_end, self.may_tell):
            event.set()


@pytest.fixture
def runner() -> ChildRunner:
    return ChildRunner()


@pytest.fixture
def slots_of(runner: ChildRunner) -> Iterator[Callable[..., Slots]]:
    made: list[Slots] = []

    def make(count: int, patience: float = 600.0) -> Slots:
        slots = Slots(
            count, ask=runner.ask, work=runner.work, tell=runner.tell, give_back=runner.give_back, patience=patience
        )
        slots.on_free.append(runner.has_room.set)
        slots.start()
        made.append(slots)
        return slots

    yield make
    for slots in made:
        slots.drain()
        runner.go_on()
        assert slots.join(10)


def jobs(*names: str) -> list[Running]:
    return [claimed_job(job(name), lambda running: None) for name in names]


def at_rest(slots: Slots, count: int) -> None:
    """Wait until so many slots have nothing to do."""
    with slots._freed:
        assert slots._freed.wait_for(lambda: slots._idle == count, 10)


def test_a_refused_wake_is_answered_when_there_is_room_though_no_job_was_found(runner, slots_of):
    runner.may_answer.clear()
    slots = slots_of(1)
    runner.until(lambda: len(runner.asked) == 1)
    assert not slots.wake()
    runner.may_answer.set()
    assert runner.has_room.wait(10)
    assert slots.wake()


def test_two_answers_under_way_bring_no_more_jobs_than_there_are_slots(runner, slots_of):
    slots = slots_of(4)
    at_rest(slots, 4)
    runner.asked.clear()
    runner.may_answer.clear()
    assert slots.wake()
    runner.until(lambda: runner.asked == [4])
    assert slots.reserve() == 0
    assert slots.reserve_idle() == 0
    assert not slots.wake()


def test_an_answer_that_brings_nothing_lets_go_of_its_slots(runner, slots_of):
    slots = slots_of(4)
    at_rest(slots, 4)
    assert slots.reserve() == 4
    assert not slots.wake()
    slots.take([], 4)
    assert runner.has_room.is_set()
    assert slots.wake()


def test_an_open_question_of_idle_slots_leaves_those_that_tell_to_the_report(runner, slots_of):
    slots = slots_of(3)
    at_rest(slots, 3)
    runner.may_tell.clear()
    slots.take(jobs("one"), 0)
    runner.until(lambda: runner.begun == ["one"])
    assert slots.reserve_idle() == 2
    runner.may_end.set()
    runner.until(lambda: runner.told == ["one"])
    assert slots.reserve() == 1


def test_a_job_that_finds_no_slot_goes_back_at_once(runner, slots_of):
    slots = slots_of(1)
    at_rest(slots, 1)
    slots.take(jobs("first"), 0)
    runner.until(lambda: runner.begun == ["first"])
    slots.take(jobs("second", "third"), 0)
    assert sorted(runner.returned) == ["second", "third"]


def test_of_too_many_jobs_the_youngest_go_back(runner, slots_of):
    slots = slots_of(2)
    at_rest(slots, 2)
    slots.take(jobs("one", "two", "three"), 0)
    assert runner.returned == ["three"]
    runner.until(lambda: sorted(runner.begun) == ["one", "two"])


def test_a_job_that_comes_after_the_drain_goes_back_at_once(runner, slots_of):
    runner.may_answer.clear()
    slots = slots_of(1)
    runner.until(lambda: len(runner.asked) == 1)
    assert slots.drain() == []
    runner.answers.append(jobs("late"))
    runner.may_answer.set()
    runner.until(lambda: runner.returned == ["late"])
    assert runner.begun == []


def test_an_impatient_slot_asks_although_all_are_held_for_an_answer(runner, slots_of):
    slots = slots_of(1, patience=0.01)
    with slots._freed:
        assert slots._freed.wait_for(lambda: slots._idle == 1, 10)
        held = slots._hold(slots._free())
    assert held == 1
    seen = len(runner.asked)
    runner.until(lambda: len(runner.asked) > seen)
    assert runner.asked[-1] == 1


def test_room_for_a_question_is_waited_for_while_all_are_held(runner, slots_of):
    slots = slots_of(1)
    at_rest(slots, 1)
    assert slots.reserve_idle() == 1
    slots.wait_for_room(0.01)
    assert slots.reserve_idle() == 0
    slots.take([], 1)
    slots.wait_for_room(10)
    assert slots.reserve_idle() == 1


def test_whatever_happens_at_once_no_job_is_begun_twice_and_none_waits_at_a_full_worker(runner, slots_of):
    runner.go_on()
    slots = slots_of(3, patience=0.001)
    names = iter(range(10**6))
    handed: list[str] = []

    def bother(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(300):
            slots.wake()
            held = slots.reserve() if chance.random() < 0.5 else slots.reserve_idle()
            with runner.heard:
                brought = jobs(*(f"job-{next(names)}" for _ in range(chance.randint(0, held + 1))))
                handed.extend(running.key for running in brought)
            slots.take(brought, held)

    threads = [threading.Thread(target=bother, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    runner.until(lambda: len(runner.begun) + len(runner.returned) == len(handed))
    assert sorted(runner.begun + runner.returned) == sorted(handed)
    assert slots._promised == 0
