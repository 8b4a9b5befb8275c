"""Changes in their order, for watchers at any place, within bounds."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from control_plane.kernel.live.journal import Bounds, Journal


@dataclass(frozen=True)
class Entry:
    first: int
    last: int
    size: int = 1


def one(number: int, size: int = 1) -> Entry:
    return Entry(number, number, size)


def test_nothing_continues_what_was_not_read() -> None:
    journal: Journal[Entry] = Journal()
    assert journal.add(one(4)) == []
    assert journal.since(3) is None
    assert not journal.has_gap


def test_what_came_before_the_state_was_read_continues_it() -> None:
    journal: Journal[Entry] = Journal()
    for number in (3, 4, 5):
        journal.add(one(number))
    assert journal.rebase(4) == [one(5)]
    assert journal.since(4) == [one(5)]
    assert journal.since(3) is None


def test_an_overtaken_entry_waits_for_the_one_before_it() -> None:
    journal: Journal[Entry] = Journal()
    journal.rebase(0)
    assert journal.add(one(2)) == []
    assert journal.has_gap
    assert journal.add(one(1)) == [one(1), one(2)]
    assert not journal.has_gap


def test_a_watcher_ahead_of_the_reports_has_nothing_to_hear_yet() -> None:
    journal: Journal[Entry] = Journal()
    journal.rebase(3)
    assert journal.since(5) == []
    journal.add(one(4))
    journal.add(one(5))
    assert journal.since(5) == []
    journal.add(one(6))
    assert journal.since(5) == [one(6)]


def test_a_watcher_in_the_middle_of_an_entry_reads_again() -> None:
    journal: Journal[Entry] = Journal()
    journal.rebase(0)
    journal.add(Entry(1, 10))
    assert journal.since(4) is None
    assert journal.since(0) == [Entry(1, 10)]


def test_what_was_told_already_is_told_no_more() -> None:
    journal: Journal[Entry] = Journal()
    journal.rebase(5)
    assert journal.add(one(5)) == []
    assert not journal.has_gap


def test_what_does_not_fit_is_let_go_and_its_watchers_read_again() -> None:
    for bounds in (Bounds(entries=3), Bounds(size=3)):
        journal: Journal[Entry] = Journal(bounds)
        journal.rebase(0)
        for number in range(1, 6):
            journal.add(one(number))
        assert journal.since(1) is None
        assert journal.since(2) == [one(3), one(4), one(5)]


def test_one_entry_larger_than_the_bound_is_kept_all_the_same() -> None:
    journal: Journal[Entry] = Journal(Bounds(size=3))
    journal.rebase(0)
    journal.add(one(1, size=100))
    assert journal.since(0) == [one(1, size=100)]


def test_too_much_before_its_turn_is_a_gap_that_nothing_fills() -> None:
    journal: Journal[Entry] = Journal(Bounds(early=3))
    journal.rebase(0)
    for number in range(2, 7):
        journal.add(one(number))
    assert journal.end is None
    assert journal.since(0) is None


@given(st.permutations(range(1, 12)), st.integers(0, 11))
def test_any_order_of_arrival_tells_the_same(order: list[int], place: int) -> None:
    journal: Journal[Entry] = Journal()
    journal.rebase(0)
    told = [entry.first for number in order for entry in journal.add(one(number))]
    assert told == list(range(1, 12))
    assert [entry.first for entry in journal.since(place) or ()] == list(range(place + 1, 12))
