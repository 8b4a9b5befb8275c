"""Who waits for himself is found, and nobody who only waits for him."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.contracts.cycles import waiting_for_themselves


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        ({}, []),
        ({"a": [], "b": ["a"]}, []),
        ({"a": ["a"]}, ["a"]),
        ({"a": ["b"], "b": ["a"], "c": []}, ["a", "b"]),
        ({"a": ["b"], "b": ["a"], "c": ["b"], "d": []}, ["a", "b"]),
        ({"a": ["b"], "b": ["a", "m"], "m": ["x"], "x": ["y"], "y": ["x"]}, ["a", "b", "x", "y"]),
        ({"a": ["nobody"]}, []),
        ({"a": ["b", "b"], "b": []}, []),
    ],
)
def test_circles_are_found(graph, expected):
    assert waiting_for_themselves(graph) == expected


def test_a_chain_of_a_hundred_thousand_is_looked_at_in_no_time():
    chain = {str(number): [str(number + 1)] for number in range(100_000)}
    begun = time.process_time()
    assert waiting_for_themselves(chain) == []
    assert time.process_time() - begun < 2


@given(st.dictionaries(st.integers(0, 12).map(str), st.lists(st.integers(0, 12).map(str), max_size=4)))
def test_it_is_named_if_and_only_if_it_can_be_reached_from_itself(graph):
    def below(name: str) -> set[str]:
        found: set[str] = set()
        waiting = list(graph[name])
        while waiting:
            other = waiting.pop()
            if other in graph and other not in found:
                found.add(other)
                waiting.extend(graph[other])
        return found

    assert waiting_for_themselves(graph) == [name for name in graph if name in below(name)]
