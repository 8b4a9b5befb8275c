"""Which workers a task asks for, whichever of the two ways it says it."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.contracts.worker_selectors import WantedWorkers, from_kept, is_dynamic, is_tag, problems, wanted_workers


@pytest.mark.parametrize(
    ("group", "selector", "wanted"),
    [
        (None, None, None),
        ({}, {}, None),
        ({"key": ""}, None, None),
        ({"key": "  "}, {"tags": []}, None),
        ({"key": None, "fallback": "FAIL"}, None, None),
        ({"key": "gpu"}, None, WantedWorkers("gpu")),
        ({"key": "gpu", "fallback": "CANCEL"}, None, WantedWorkers("gpu", fallback="CANCEL")),
        # What an expression gave may be of the wrong kind.
        (None, {"tags": "a, b"}, WantedWorkers(tags=("a", "b"))),
        (None, {"tags": ["a", "", None, "a"]}, WantedWorkers(tags=("a",))),
        (None, {"tags": ["a"], "match": "any", "fallback": "ignore"}, WantedWorkers("", ("a",), True, "IGNORE")),
        ({"key": "gpu"}, {"tags": ["a"]}, WantedWorkers(tags=("a",))),
    ],
)
def test_both_ways_are_read_as_one(group: Any, selector: Any, wanted: WantedWorkers | None) -> None:
    assert wanted_workers(group, selector) == wanted


def test_a_group_is_waited_for_and_tags_fail_unless_they_say_otherwise() -> None:
    assert WantedWorkers("gpu").what_then == "WAIT"
    assert WantedWorkers(tags=("a",)).what_then == "FAIL"
    assert WantedWorkers("gpu", fallback="IGNORE").what_then == "IGNORE"


def test_a_job_keeps_it() -> None:
    wanted = WantedWorkers(tags=("a", "b"), matches_any=True, fallback="CANCEL")
    assert from_kept(wanted.as_kept(), "CANCEL") == wanted


@pytest.mark.parametrize(
    ("name", "said", "where"),
    [
        ("workerGroup", {"key": "gpu", "fallback": "WAIT"}, []),
        ("workerGroup", {"key": 5}, ["key"]),
        ("workerGroup", {"key": "gpu", "fallback": "LATER"}, ["fallback"]),
        ("workerGroup", {"tags": ["a"]}, ["tags"]),
        ("workerSelector", {"tags": ["a", "{{ inputs.tag }}"], "match": "{{ inputs.match }}"}, []),
        ("workerSelector", {"tags": ["A"]}, ["tags"]),
        ("workerSelector", {"tags": ["a"] * 21}, ["tags"]),
        ("workerSelector", {"tags": "a"}, ["tags"]),
        ("workerSelector", {"tags": ["a"], "match": "SOME", "fallback": "x"}, ["match", "fallback"]),
        ("workerSelector", None, []),
    ],
)
def test_what_is_wrong_is_told_by_property(name: str, said: Any, where: list[str]) -> None:
    assert [place for place, _ in problems(name, said)] == where


def test_a_tag_is_a_label() -> None:
    assert all(map(is_tag, ("a", "gpu-a100", "x" * 64)))
    assert not any(map(is_tag, ("", "-a", "a-", "A", "a_b", "x" * 65, 5)))


def test_expressions_are_seen_however_deep_they_stand() -> None:
    assert is_dynamic({"tags": ["a", "{{ b }}"]})
    assert not is_dynamic({"tags": ["a"], "match": None})
