"""A webhook starts an execution for a request that bears its key."""

import pytest

from flows.model.errors import FlowInvalid
from flows.model.parse import parse_trigger
from plugins.contracts import PluginError
from plugins.triggers.webhook import webhook_variables
from tests.plugins.facts import make_facts

CONDITION = "io.kestra.plugin.core.condition."


def webhook(key="secret", **properties):
    return parse_trigger({"id": "w", "type": "io.kestra.plugin.core.trigger.Webhook", "key": key, **properties})


@pytest.mark.parametrize(
    ("key", "given", "expected"),
    [
        ("secret", "secret", True),
        ("secret", "Secret", False),
        ("secret", "", False),
        ("{{ flow.id }}", "here", True),
        ("{{ nothing }}", "nothing", False),
        ("{{ '' }}", "", False),
        ("kéy", "kéy", True),
    ],
)
def test_the_key_of_the_request_must_be_its_own(key, given, expected):
    assert webhook(key).has_key(given, make_facts(scope={"flow": {"id": "here"}})) is expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"a": 1}', {"a": 1}),
        ("[1, 2]", [1, 2]),
        ("hello", "hello"),
        ("12", "12"),
        ('"text"', '"text"'),
        ("[" * 100_000, "[" * 100_000),
    ],
)
def test_the_body_is_json_where_it_is_a_map_or_a_list(body, expected):
    assert webhook_variables(body, {}, {})["body"] == expected


def test_without_a_body_there_is_none_and_headers_are_lists():
    found = webhook_variables("", {"accept": ("a", "b")}, {"q": ["1"]})
    assert found == {"headers": {"accept": ["a", "b"]}, "parameters": {"q": ["1"]}}


def test_conditions_look_at_the_request():
    expression = "{{ trigger.body.hello == 'world' }}"
    trigger = webhook(conditions=[{"type": CONDITION + "ExpressionCondition", "expression": expression}])
    assert trigger.accepts({"body": {"hello": "world"}}, make_facts())
    assert not trigger.accepts({"body": {"hello": "you"}}, make_facts())
    with pytest.raises(PluginError):
        trigger.accepts({}, make_facts())


def test_when_looks_at_the_request_too():
    assert not webhook(when="{{ trigger.body.ok }}").accepts({"body": {"ok": False}}, make_facts())
    assert webhook(when="{{ trigger.body.ok }}").accepts({"body": {"ok": True}}, make_facts())


def test_what_needs_several_executions_is_refused():
    several = {
        "type": CONDITION + "MultipleCondition",
        "id": "m",
        "conditions": {"a": {"type": CONDITION + "Expression", "expression": "true"}},
    }
    with pytest.raises(FlowInvalid, match="invalid webhook: conditions of type"):
        webhook(conditions=[several])


@pytest.mark.parametrize("key", [None, "", "x" * 257])
def test_a_key_is_needed_and_has_a_bounded_length(key):
    with pytest.raises(FlowInvalid):
        webhook(key)
