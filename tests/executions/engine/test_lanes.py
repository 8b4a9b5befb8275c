"""Loops and limits: how many run at once, and over what."""

from __future__ import annotations

import pytest

from plugins.contracts import State
from tests.executions.engine.drawing import do, draw, messages, run, task

FAILED = State.FAILED


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ('[1, null, {"a": "b"}]', "Found '1' null values on Each, with values=[1, null, {a=b}]"),
        ("{{ 1 }}", "The values must be a list, not int"),
        ("not json", "The values are no JSON list: Expecting value: line 1 column 1 (char 0)"),
        ("[" * 100_000, "The values are nested too deep"),
    ],
)
def test_a_loop_over_no_list_fails_and_says_so(values, message) -> None:
    execution = run(task("l", "ForEach", values=values, tasks=do("a")))
    assert draw(execution) == "FAILED\n  l FAILED"
    assert messages(execution) == [f"Failed to process flowable task {execution.runs[0].id}: {message}"]


def test_a_limit_is_kept_in_every_shape() -> None:
    shapes = [
        task("p", "Parallel", concurrent=2, tasks=do("a", "b", "c")),
        task("l", "ForEach", values=[1, 2, 3], concurrencyLimit=2, tasks=do("d")),
        task("e", "EachParallel", value=[1, 2, 3], concurrent=2, tasks=do("f")),
        task("g", "Dag", concurrent=2, tasks=[{"task": each} for each in do("h", "i", "j")]),
    ]
    for shape in shapes:
        assert _most_at_once(run(shape)) == 2


def _most_at_once(execution) -> int:
    leaves = [each for each in execution.runs if each.attempts]
    starts = sorted((attempt.history[0].date, 1) for each in leaves for attempt in each.attempts)
    ends = sorted((attempt.history[-1].date, -1) for each in leaves for attempt in each.attempts)
    most = now = 0
    for _, change in sorted([*starts, *ends]):
        now += change
        most = max(most, now)
    return most


def test_a_limit_may_be_an_expression_and_a_wrong_one_fails() -> None:
    assert _most_at_once(run(task("p", "Parallel", concurrent="{{ 1 }}", tasks=do("a", "b")))) == 1
    broken = run(task("p", "Parallel", concurrent="{{ 'many' }}", tasks=do("a", "b")))
    assert [told.endswith("concurrent: `many` is no whole number") for told in messages(broken)] == [True]
