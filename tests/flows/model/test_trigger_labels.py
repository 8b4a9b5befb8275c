"""The labels of an execution that a trigger starts."""

import pytest

from flows.model.labels import Label, label_map
from flows.model.trigger_labels import trigger_labels
from tests.plugins.facts import make_facts


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (None, {"own": "1"}),
        ({"own": "2", "more": "3"}, {"own": "2", "more": "3"}),
        ([{"key": "more", "value": "{{ word }}"}], {"own": "1", "more": "hello"}),
        ([{"key": "more", "value": "{{ nothing }}"}], {"own": "1"}),
        ([{"key": "more", "value": "{{ null }}"}], {"own": "1", "more": ""}),
        (["text"], {"own": "1"}),
        ({"number": 5}, {"own": "1", "number": "5"}),
        ({"more": "{{ null }}"}, {"own": "1", "more": ""}),
        ({"more": "{{ 1 > 2 }}"}, {"own": "1", "more": "false"}),
    ],
)
def test_those_of_the_trigger_are_added_to_those_of_the_flow(labels, expected):
    flow = {"own": "1", "system.readOnly": "true"}
    assert trigger_labels(flow, labels, make_facts(scope={"word": "hello"})) == expected


def test_of_a_key_given_twice_the_last_counts():
    assert label_map([Label(key="a", value="1"), Label(key="a", value="2")]) == {"a": "2"}
    assert label_map(None) == {}
