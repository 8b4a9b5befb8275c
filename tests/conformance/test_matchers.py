"""Every matcher, typed value and placeholder, with something that fits and something that does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conformance.matchers import MATCHERS, Matching, UnknownMatcher
from tests.conformance.matching import matches
from tests.conformance.moments import StandingClock

NOW = datetime(2026, 5, 1, 10, 30, 15, tzinfo=UTC)
FILES = {"kestra:///a.txt": b"one\ntwo\n", "kestra:///b.json": b'{"a": 1}', "kestra:///up": b"from the corpus"}
EXAMPLES: dict[str, tuple[Any, Any, Any]] = {  # what is expected, an answer that fits, one that does not
    "$contains": ("el", "hello", "hallo"),
    "$startswith": ("he", "hello", "oh hello"),
    "$endswith": ("lo", "hello", "hellos"),
    "$regex": ("^h.l+o$", "hello", "help"),
    "$exists": (True, 0, None),
    "$null": (True, None, ""),
    "$not": ("a", "b", "a"),
    "$gt": (3, 4, 3),
    "$gte": (3, 3, 2),
    "$lt": (3, 2, 3),
    "$lte": (3, 3, 4),
    "$after": ("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", "2025-12-31T23:59:59Z"),
    "$between": ([1, 3], 2, 4),
    "$in": (["a", {"$contains": "x"}], "xyz", "b"),
    "$any_order": ([1, 2], [2, 1], [1, 1]),
    "$size": (2, [1, 2], [1]),
    "$first_endswith": (".txt", ["a.txt", "b"], ["b", "a.txt"]),
    "$repeat": ({"text": "ab", "times": 2}, "abab", "ab"),
    "$storage_content": ("one\ntwo\n", "kestra:///a.txt", "kestra:///b.json"),
    "$storage_content_equals": ("$file:some.txt", "kestra:///up", "kestra:///a.txt"),
    "$storage_file_line_count": (2, "kestra:///a.txt", "kestra:///b.json"),
    "$decrypts_to": ("clear", {"closed": "clear"}, {"closed": "other"}),
    "$encrypted": ("clear", {"closed": "clear"}, {"closed": "other"}),
    "$duration_seconds": ({"$gte": 300}, "PT5M", "PT4M"),
    "$iso_datetime_within_seconds_of_now": (10, "2026-05-01T10:30:20Z", "2026-05-01T10:31:00Z"),
    "$instant": ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2026-01-01T01:00:00Z"),
    "$zoneddatetime": ("2026-01-01T01:00+01:00", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"),
    "$localdatetime": ("2026-01-01T01:00", "2026-01-01T01:00:00", "2026-01-01T02:00:00"),
    "$date": ("2026-01-01", "2026-01-01", "2026-01-02"),
    "$time": ("10:00", "10:00:00", "11:00"),
    "$duration": ("PT60S", "PT1M", "PT2M"),
    "$date_ms": (0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:01Z"),
    "$float32": (1.123, 1.1230000257492065, 1.124),
    "$double": (1, 1.0, 1.5),
    "$long": (12, 12, 13),
    "$char": ("c", "c", "d"),
    "$uri": ("kestra:///a.txt", "kestra:///a.txt", "kestra:///b.json"),
    "$set": (["a", "b"], ["b", "a"], ["a"]),
    "$array": ([1, 2], [1, 2], [2, 1]),
}


def matching() -> Matching:
    return Matching(
        read=FILES.__getitem__,
        open_secret=lambda value: value["closed"],
        now=lambda: NOW,
        fill=lambda text: text.replace("$execution.id", "e1"),
        local_file=lambda name: "from the corpus",
    )


def test_every_matcher_has_an_example() -> None:
    assert EXAMPLES.keys() == MATCHERS.keys()


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_a_matcher_tells_what_fits_from_what_does_not(name: str) -> None:
    wanted, good, bad = EXAMPLES[name]
    assert matching().fits(good, {name: wanted})
    assert not matching().fits(bad, {name: wanted})


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name not in ("$null", "$not")])
def test_a_matcher_refuses_a_value_of_another_kind(name: str) -> None:
    assert not matching().fits(None, {name: EXAMPLES[name][0]})


def test_an_unknown_matcher_fails_the_case() -> None:
    with pytest.raises(UnknownMatcher, match=r"\$sounds_like is unknown"):
        matching().fits({"a": "b"}, {"a": {"$sounds_like": "b"}})
    with pytest.raises(UnknownMatcher):
        matching().fits("b", {"$not": {"$sounds_like": "b"}})


def test_several_matchers_must_all_hold() -> None:
    assert matching().fits("hello", {"$startswith": "h", "$endswith": "o"})
    assert not matching().fits("hello", {"$startswith": "h", "$endswith": "x"})


def test_matchers_may_stand_beside_keys() -> None:
    expected = {"$size": 1, "a": {"$exists": True}}
    assert matching().fits({"a": 1}, expected)
    assert not matching().fits({"a": 1, "b": 2}, expected)


def test_maps_are_subsets_and_an_absent_key_is_null() -> None:
    assert matching().fits({"a": 1, "b": 2}, {"a": 1, "c": None})
    assert not matching().fits({"a": 1}, {"a": 1, "b": 2})
    assert not matching().fits({"a": 1}, {"a": {"$exists": False}})
    assert matching().fits({}, {"a": {"$exists": False}})


def test_exact_maps_have_the_same_keys_however_deep() -> None:
    assert matching().fits({"a": {"b": 1}}, {"a": {"b": 1}}, exact=True)
    assert not matching().fits({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}, exact=True)


def test_truth_is_no_number() -> None:
    assert not matching().fits(True, 1)
    assert not matching().fits(1, True)


def test_placeholders_stand_in_values_and_keys() -> None:
    assert matching().fits({"e1": "is e1"}, {"$execution.id": "is $execution.id"})
    assert matching().fits("from the corpus", "$file:some.txt")
    assert matching().fits("2026-05-01", "{today}")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("{now}", NOW),
        ("{now-PT15S}", NOW - timedelta(seconds=15)),
        ("{now + P1D}", NOW + timedelta(days=1)),
        ("{trunc_hour(now-PT1H)}", NOW.replace(hour=9, minute=0, second=0)),
        ("{trunc_minute(now)}", NOW.replace(second=0)),
        ("{trunc_day(tomorrow)}", NOW.replace(day=2, hour=0, minute=0, second=0)),
        ("{now truncated to minute}", NOW.replace(second=0)),
    ],
)
def test_a_moment_has_a_placeholder(text: str, meant: datetime) -> None:
    clock = StandingClock(now=lambda: NOW)
    assert datetime.fromisoformat(clock.fill(text).replace("Z", "+00:00")) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("{hour(now-PT4H)}", 6),
        ("{today}T{time(now)}", "2026-05-01T10:30:15"),
        ("{yesterday}", "2026-04-30"),
        ("{{ inputs.now }}", "{{ inputs.now }}"),
        ("{nobody}", "{nobody}"),
    ],
)
def test_parts_of_a_moment_have_placeholders_and_other_braces_stay(text: str, meant: Any) -> None:
    assert StandingClock(now=lambda: NOW).fill(text) == meant


def test_answers_of_expressions_are_compared_strictly() -> None:
    assert matches({"a": 1}, {"a": 1.0})
    assert not matches({"a": 1, "b": 2}, {"a": 1})
    assert not matches("1", 1)
    assert matches(["x"], [{"$contains": "x"}])
