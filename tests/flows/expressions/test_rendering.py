from types import MappingProxyType

import pytest

from flows.expressions import Environment, ExpressionError, compile, render, taint
from flows.expressions.taint import TaintedText
from flows.expressions.template import CACHE_BYTES, Template, _Cache, compile_template, cost

ENV = Environment()


def test_texts_are_rendered_however_deep_they_stand():
    given = {"{{ k }}": ["{{ v }}", 1, None, {"a": "{{ v }}!"}], "plain": True}
    assert render(given, {"k": "key", "v": "x"}, ENV) == {"key": ["x", 1, None, {"a": "x!"}], "plain": True}


def test_the_order_of_keys_is_kept():
    given = {"b": "{{ 1 }}", "a": "{{ 2 }}"}
    assert list(render(given, {}, ENV)) == ["b", "a"]


@pytest.mark.parametrize("text", ["plain", "a { b }", "}}", "", "{"])
def test_a_text_without_expressions_is_the_same_object(text):
    assert render(text, {}, ENV) is text


@pytest.mark.parametrize("value", [1, 2.5, True, None])
def test_what_is_no_text_is_left_alone(value):
    assert render(value, {}, ENV) is value


def test_tuples_and_sets_become_lists():
    assert render(("{{ 1 }}", 2), {}, ENV) == ["1", 2]
    assert render(frozenset({"{{ 1 }}"}), {}, ENV) == ["1"]


def test_a_scope_may_be_any_mapping():
    scope = MappingProxyType({"a": MappingProxyType({"b": "x"})})
    assert render("{{ a.b }} {{ a['b'] }} {{ a }}", scope, ENV) == 'x x {"b":"x"}'


def test_a_scope_may_fetch_what_is_asked_for():
    class Lazy(dict):
        def get(self, key, default=None):
            asked.append(key)
            return "fetched" if key == "later" else default

    asked = []
    assert render("{{ later }} {{ missing ?? 'd' }}", Lazy(), ENV) == "fetched d"
    assert asked == ["later", "missing"]


def test_the_scope_is_never_changed():
    scope = {"a": [1]}
    render("{% set a = a + 2 %}{% set b = 1 %}{{ a }}", scope, ENV)
    assert scope == {"a": [1]}


def test_what_a_rendering_makes_is_gone_for_the_next():
    template = compile("{{ x ?? 'new' }}{% set x = 1 %}{% macro m() %}m{% endmacro %}")
    assert [template.render({}, ENV) for _ in range(2)] == ["new", "new"]


def test_a_compiled_template_is_kept():
    assert compile("{{ kept }}") is compile("{{ kept }}")


def test_a_text_of_another_class_is_a_text():
    class Marked(str):
        def __str__(self):
            return "something else"

    assert compile(Marked("{{ kept }}")) is compile("{{ kept }}")
    assert render(Marked("{{ a }}"), {"a": Marked("x")}, ENV) == "x"
    assert render("{{ [a] }}", {"a": Marked("x")}, ENV) == '["x"]'


def test_a_secret_source_is_not_kept():
    source = taint("{{ 'kept secret' }}")
    assert compile(source) is not compile(source)
    assert isinstance(compile(source).render({}, ENV), TaintedText)


def test_a_broken_template_is_not_kept():
    for _ in range(2):
        with pytest.raises(ExpressionError):
            compile("{{ broken")


def test_the_cache_drops_what_was_not_used_for_longest():
    cache = _Cache(8 * cost("a"))
    kept = [Template(text) for text in "abcdefgh"]
    for template in kept:
        cache.put(template)
    assert cache.get("a") is kept[0]
    cache.put(Template("i"))
    assert [cache.get(text) is None for text in "abci"] == [False, True, False, False]
    cache.put(kept[0])
    assert cache.get("a") is kept[0]


def test_a_huge_template_is_not_kept():
    source = "x" * (CACHE_BYTES // 16) + "{{ 1 }}"
    assert compile_template(source) is not compile_template(source)
