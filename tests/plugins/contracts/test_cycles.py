"""Who waits for himself is found, whoever waits for him too."""

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
        ({"a": ["b"], "b": ["a"], "c": ["b"], "d": []}, ["a", "b", "c"]),
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
def test_what_is_not_in_a_circle_can_be_put_in_order(graph):
    stuck = set(waiting_for_themselves(graph))
    done: set[str] = set()
    left = [name for name in graph if name not in stuck]
    while left:
        ready = [name for name in left if all(other in done or other not in graph for other in graph[name])]
        assert ready
        done.update(ready)
        left = [name for name in left if name not in done]
    assert all(any(other in stuck for other in graph[name]) for name in stuck)
