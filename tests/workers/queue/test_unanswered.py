"""One ticket of a group at a time."""

from __future__ import annotations

import queue
from collections import Counter

import pytest

from tests.cast import make_cast
from tests.executions.ground import FakeWorker, log_flow, save, start
from workers.queue import tickets
from workers.queue.unanswered import Unanswered

LONG = 60.0


def never(groups: Counter[str]) -> None:
    raise AssertionError(f"nothing was due again: {groups}")


def test_a_second_ticket_waits_for_the_answer_to_the_first() -> None:
    unanswered = Unanswered(never, LONG)
    assert unanswered.due(Counter({"gpu": 3, "default": 1})) == {"gpu": 3, "default": 1}
    assert unanswered.due(Counter({"gpu": 1, "cpu": 1})) == {"cpu": 1}
    unanswered.answered("gpu")
    assert unanswered.due(Counter(["gpu", "default"])) == {"gpu": 1}


def test_what_was_held_back_is_sent_when_nobody_answers() -> None:
    sent: queue.Queue[Counter[str]] = queue.Queue()
    unanswered = Unanswered(sent.put, 0.01)
    unanswered.due(Counter(["gpu"]))
    while not (held_back := unanswered.due(Counter(["gpu"]))) and sent.empty():
        pass
    assert held_back or sent.get(timeout=10) == {"gpu": 1}


def test_an_answer_is_one_to_what_was_held_back_too() -> None:
    """The worker looks at the queue afterwards, and finds all of it."""
    sent: queue.Queue[Counter[str]] = queue.Queue()
    unanswered = Unanswered(sent.put, 0.05)
    unanswered.due(Counter(["gpu", "cpu"]))
    unanswered.due(Counter(["gpu", "cpu"]))
    unanswered.answered("gpu")
    assert sent.get(timeout=10) == {"cpu": 1}
    assert sent.empty()


@pytest.mark.django_db
@pytest.mark.parametrize(("most", "called"), [(2, ["default"]), (3, [])], ids=["full", "with room"])
def test_a_worker_that_takes_as_much_as_it_can_is_not_the_last_one_to_be_called(
    monkeypatch: pytest.MonkeyPatch, valkey: object, most: int, called: list[str]
) -> None:
    told: list[str] = []
    monkeypatch.setattr(tickets, "call_another", told.append)
    people = make_cast()
    save(people, log_flow())
    for _ in range(2):
        start(people)
    assert len(FakeWorker().claim(most)) == 2
    assert told == called
