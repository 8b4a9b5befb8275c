"""Properties are rendered in the scope of a job and become what the task wants, or say why they cannot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from flows import expressions
from flows.expressions import taint
from plugins.contracts import PluginError, Property
from workers.runtime.rendering import Renderer, unmarked
from workers.runtime.scope import Coverage, LazyMap

SCOPE = {"n": 3, "text": "4", "list": [1, 2], "json": ' {"a": [1]} ', "yes": "true", "half": "[1,", "long": "PT3S"}


def prop(kind: Any, source: Any) -> Property[Any]:
    """As a field of a task has it."""
    return TypeAdapter(Property[kind]).validate_python(source)


def renderer(scope: Mapping[str, Any] = SCOPE, seen: list[str] | None = None) -> Renderer:
    return Renderer(scope, expressions.Environment(), (seen if seen is not None else []).extend)


@pytest.mark.parametrize(
    ("made", "value"),
    [
        (prop(int, 5), 5),  # nothing to render
        (prop(int, "{{ n }}"), 3),  # the value itself
        (prop(int, "{{ text }}"), 4),  # what the text says
        (prop(int, " {{ text }} "), 4),  # without its blanks
        (prop(str, "{{ n }}"), "3"),  # the text of a value
        (prop(bool, "{{ yes }}"), True),
        (prop(dict[str, Any], "{{ json }}"), {"a": [1]}),  # what the text says as JSON
        (prop(list[int], ["{{ n }}", 7]), [3, 7]),  # each text of a structure
        (prop(timedelta, "{{ long }}"), timedelta(seconds=3)),
    ],
)
def test_a_property_becomes_what_the_task_wants(made, value):
    assert renderer().property(made) == value


@pytest.mark.parametrize("source", ["{{ list }}", "{{ half }}", "many words {{ n }}"])
def test_a_value_that_does_not_fit_is_refused_with_its_source(source):
    with pytest.raises(PluginError, match="cannot be used") as refused:
        renderer().property(prop(int, source))
    assert source in str(refused.value)
    assert not refused.value.retryable


def test_a_long_source_is_shown_in_part():
    with pytest.raises(PluginError) as refused:
        renderer().property(prop(int, "x" * 500 + "{{ n }}"))
    assert "x..." in str(refused.value)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize(("source", "is_retryable"), [("{{ nothing.there }}", True), ("{{ ( }}", False)])
def test_broken_syntax_stays_broken_and_a_missing_value_may_come(source, is_retryable):
    for ask in (renderer().value, renderer().typed, lambda text: renderer().property(prop(int, text))):
        with pytest.raises(PluginError) as refused:
            ask(source)
        assert refused.value.retryable is is_retryable


def test_more_names_hide_those_of_the_scope():
    scope = LazyMap({"a": "old", "b": "kept"}, lambda names: {}, Coverage(["a", "b"]))
    assert renderer(scope).value("{{ a }} {{ b }}", {"a": "new"}) == "new kept"
    assert renderer(scope).value({"all": ["{{ a }}"]}, {}) == {"all": ["old"]}


def test_a_secret_is_seen_wherever_it_stands():
    seen: list[str] = []
    assert renderer({"s": taint("s3cret-value")}, seen).value({"deep": ["{{ s }}"]}) == {"deep": ["s3cret-value"]}
    assert "s3cret-value" in seen


class Marked(int):
    """A number with something on it."""


class MarkedFloat(float):
    """A broken number with something on it."""


def test_what_is_left_is_plain():
    marked = {taint("key"): [taint("a"), Marked(1), MarkedFloat(1.5), True, None]}
    plain = unmarked(marked)
    assert plain == {"key": ["a", 1, 1.5, True, None]}
    assert [type(each) for each in plain["key"]] == [str, int, float, bool, type(None)]
    assert [type(key) for key in plain] == [str]
