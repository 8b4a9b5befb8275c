"""What is told of one object in several steps is one change, from before the first to after the last."""

from __future__ import annotations

from typing import Any

from control_plane.kernel.actor import SYSTEM, Change, Context


def told(*steps: tuple[str, Any, Any]) -> list[tuple[str, Any, Any]]:
    ctx = Context(SYSTEM)
    for object_id, before, after in steps:
        ctx.record("USER", object_id, before=before, after=after)
    return [(each.object_id, each.before, each.after) for each in ctx.changes]


def test_two_steps_are_one_change():
    assert told(("a", {"x": 1}, {"x": 2}), ("a", {"x": 2, "y": 1}, {"x": 3, "y": 2})) == [
        ("a", {"x": 1, "y": 1}, {"x": 3, "y": 2})
    ]


def test_what_is_made_and_then_filled_was_not_there_before():
    assert told(("a", None, {"x": 1}), ("a", {"y": 0}, {"y": 1})) == [("a", None, {"x": 1, "y": 1})]


def test_what_is_emptied_and_then_removed_is_there_no_more():
    assert told(("a", {"x": 1}, {"x": 0}), ("a", {"y": 1}, None)) == [("a", {"x": 1, "y": 1}, None)]


def test_other_objects_and_what_has_no_name_are_told_by_themselves():
    assert len(told(("a", None, {}), ("b", None, {}), ("", None, {}), ("", None, {}))) == 4


def test_a_step_with_details_of_its_own_stays_one():
    ctx = Context(SYSTEM)
    ctx.record("GROUP", "g", after={"n": 1}, member="a")
    ctx.record("GROUP", "g", after={"n": 2}, member="b")
    ctx.record("GROUP", "g", after={"n": 3})
    assert [each.detail for each in ctx.changes] == [{"member": "a"}, {"member": "b"}, {}]
    assert isinstance(ctx.changes[0], Change)
