"""The lines that a group serves, and how much of a worker each may take."""

from __future__ import annotations

from workers.queue.lines import Line, Lines, Subscribed, line_of, lines_of, queue_in, reserved_slots


def served(queue: str, percent: int = 0, mode: str = "ELASTIC", *tenants: str) -> Subscribed:
    return Subscribed(queue, percent, mode, tenants)


def test_a_group_serves_those_who_name_it_and_its_queues() -> None:
    lines = lines_of("site", 10, [served("gpu", 30), served("default", 20, "STRICT")])
    assert lines.all == (Line("default", reserved=2, is_strict=True), Line("queue:gpu", reserved=3), Line("site"))
    assert lines.shared == 5


def test_the_default_queue_is_the_line_of_the_default_group() -> None:
    assert line_of("default") == "default"
    assert lines_of("default", 4, [served("default")]).all == (Line("default"),)
    assert (queue_in("default"), queue_in("queue:gpu"), queue_in("gpu")) == ("default", "gpu", None)


def test_a_group_whose_queues_are_all_kept_for_some_is_kept_for_those_by_its_key_too() -> None:
    kept = lines_of("site", 4, [served("a", 0, "ELASTIC", "acme"), served("b", 0, "ELASTIC", "globex")])
    assert {line.key: line.tenants for line in kept.all}["site"] == ("acme", "globex")
    open_to_all = lines_of("site", 4, [served("a", 0, "ELASTIC", "acme"), served("b")])
    assert {line.key: line.tenants for line in open_to_all.all}["site"] == ()


def test_whatever_is_reserved_is_at_least_one_slot() -> None:
    assert [reserved_slots(percent, 8) for percent in (0, 1, 50, 100)] == [0, 1, 4, 8]


def test_only_what_depends_on_other_lines_is_counted() -> None:
    assert not Lines((Line("a", reserved=4),)).are_bounded
    assert not Lines((Line("a"), Line("b"))).are_bounded
    assert Lines((Line("a", reserved=1), Line("b"))).are_bounded
    assert Lines((Line("a", is_strict=True),)).are_bounded


def test_lines_come_in_turn() -> None:
    lines = Lines((Line("a"), Line("b"), Line("c")))
    assert [line.key for line in lines.after("b")] == ["c", "a", "b"]
    assert [line.key for line in lines.after("")] == ["a", "b", "c"]
