import pytest

from flows.expressions import EvaluationError, ExpressionSyntaxError
from tests.flows.expressions.showing import show

USERS = [{"name": "Ann", "city": "Oslo"}, {"name": "Bo", "city": "Rome"}]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("plain text", "plain text"),
        ("a { b } {c} }} %}", "a { b } {c} }} %}"),
        ("{{ 1 }}\n{{ 2 }}\n", "1\n2\n"),
        ("a  {{- 1 -}}  b", "a1b"),
        ("a\n{%- if true -%}\n b \n{%- endif -%}\n c", "abc"),
        ("a {# a comment {{ x }} #} b", "a  b"),
        ("a {#- trims -#} b", "a b"),
        ("{##}", ""),
        ("{{ '}}' }}", "}}"),
        ("{{ {'a': {'b': 1}} }}", '{"a":{"b":1}}'),
        ("{% raw %}{{ x }}{% y %}{% endraw %}", "{{ x }}{% y %}"),
        ("a {%- raw -%} {{ x }} {%- endraw -%} b", "a  {{ x }}  b"),
        ("{% verbatim %}{{ x }}{% endverbatim %}", "{{ x }}"),
        ("{% raw %}{% endraw %}", ""),
        ("{% if false %}a{% elseif true %}b{% else %}c{% endif %}", "b"),
        ("{% if false %}a{% elif false %}b{% else %}c{% endif %}", "c"),
        ("{% if false %}a{% endif %}", ""),
        ("{% for u in users %}{{ u.name }} lives in {{ u.city }}. {% endfor %}", "Ann lives in Oslo. Bo lives in Rome. "),
        ("{% for u in [] %}x{% else %}none{% endfor %}", "none"),
        ("{% for u in null %}x{% else %}none{% endfor %}", ""),
        ("{% for e in {'a': 1, 'b': 2} %}{{ e.key }}={{ e.value }};{% endfor %}", "a=1;b=2;"),
        ("{% for i in 1..3 %}{{ loop.index }}{% endfor %}", "012"),
        ("{% for i in 1..3 %}{{ loop.length }}{{ loop.revindex }} {% endfor %}", "32 31 30 "),
        ("{% for i in 1..3 %}{{ i }}{% if not loop.last %},{% endif %}{% endfor %}", "1,2,3"),
        ("{% for i in 1..2 %}{{ loop.first }} {% endfor %}", "true false "),
        ("{% for i in 1..2 %}{% for j in 1..2 %}{{ i }}{{ j }}{{ loop.index }} {% endfor %}{% endfor %}", "110 121 210 221 "),
        ("{% for i in 1..2 %}{% for j in 'a'..'b' %}{% endfor %}{{ loop.index }}{% endfor %}", "01"),
        ("{% set a = 'x' %}{{ a }}", "x"),
        ("{% set n = 0 %}{% for i in 1..3 %}{% set n = n + i %}{% endfor %}{{ n }}", "6"),
        ("{% for i in 1..2 %}{% set only = i %}{{ only }}{% endfor %}{{ only ?? 'gone' }}", "12gone"),
        ("{% set users = 1 %}{{ users }}", "1"),
        ("{% if true %}{% set a = 1 %}{% endif %}{{ a }}", "1"),
        ("{% filter upper %}hello {{ 'x' }}{% endfilter %}", "HELLO X"),
        ("{% filter lower | title %}HELLO WORLD{% endfilter %}", "Hello World"),
        ("{% filter replace({'a': 'b'}) %}aa{% endfilter %}", "bb"),
        ("{% apply upper %}a{% endapply %}", "A"),
        ('{% macro i(type="text", name, v="") %}{{ type }} {{ name }} {{ v }}{% endmacro %}{{ i(name="c") }}', "text c "),
        ("{% macro m(a) %}{{ a }}{% endmacro m %}{{ m(1) }}{{ m(a=2) }}", "12"),
        ("{{ m(1) }}{% macro m(a) %}<{{ a }}>{% endmacro %}", "<1>"),
        ("{% macro m() %}{{ outer ?? 'unseen' }}{% endmacro %}{% set outer = 1 %}{{ m() }}", "unseen"),
        ("{% set foo = 'bar' %}{% macro d(_context) %}{{ _context.foo }}{% endmacro %}{{ d(_context) }}", "bar"),
        ("{% set foo = 'bar' %}{% macro d(_context) %}{{ _context.foo }}{% endmacro %}{{ d() }}", "bar"),
        ("{% macro a() %}a{% endmacro %}{% macro b() %}{{ a() }}b{% endmacro %}{{ b() }}", "ab"),
        ("{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}", "3210"),
        ("{% if true %}{% macro m() %}x{% endmacro %}{% endif %}{{ m() }}", "x"),
        ("{{ m() | upper }}{% macro m() %}x{% endmacro %}", "X"),
        ('{% block "header" %}Intro{% endblock %}-{{ block("header") }}', "Intro-Intro"),
        ("{% block header %}Intro{% endblock header %}", "Intro"),
        ('{{ block("later") }}{% block "later" %}x{% endblock %}', "xx"),
        ('{% if true %}{% block "in" %}x{% endblock %}{% endif %}{{ block("in") }}', "xx"),
        ("{{ _context.users | length }}", "2"),
    ],
)  # fmt: skip
def test_a_template_gives(template, expected):
    assert show(template, users=USERS) == expected


@pytest.mark.parametrize(
    ("template", "message", "line", "column"),
    [
        ("{{ 1 +", "An expression is never closed", 1, 1),
        ("a\n{{ 1 + }}", "Expected a value, found `}}`", 2, 8),
        ("{{ 1 2 }}", "Expected `}}`, found `2`", 1, 6),
        ("{{ 'a }}", "A text is never closed", 1, 4),
        ("{{ a § b }}", "Unexpected character `§`", 1, 6),
        ("{{ (1 }}", "`}` closes nothing", 1, 7),
        ("{{ 1) }}", "`)` closes nothing", 1, 5),
        ("{# a", "A comment is never closed", 1, 1),
        ("\n\n {% raw %}", "`raw` is never closed", 3, 2),
        ("{% nothing %}", 'Unexpected tag name "nothing"', 1, 4),
        ("{% include 'x' %}", 'Unexpected tag name "include"', 1, 4),
        ("{% if true %}", "Expected `{% endif %}`, found the end of the template", 1, 14),
        ("{% endif %}", 'Unexpected tag name "endif"', 1, 4),
        ("{% for x of y %}", "Expected `in`, found `of`", 1, 10),
        ("{% for 1 in y %}", "Expected the name of the loop variable, found `1`", 1, 8),
        ("{% set x 1 %}", "Expected `=`, found `1`", 1, 10),
        ("{% set = 1 %}", "Expected the name of a variable", 1, 8),
        ("{% macro (a) %}", "Expected the name of a macro", 1, 10),
        ("{% macro f(1) %}", "Expected the name of a parameter", 1, 12),
        ("{% macro f(a, a) %}", "The parameter `a` is named twice", 1, 15),
        ("{% macro f(a b) %}", "Expected `)`, found `b`", 1, 14),
        ("{% block 1 %}", "Expected the name of a block", 1, 10),
        ("{% filter 1 %}", "Expected the name of a filter", 1, 11),
        ("{{ x | }}", "Expected the name of a filter", 1, 8),
        ("{{ x is }}", "Expected the name of a test", 1, 9),
        ("{{ x. }}", "Expected a name after `.`", 1, 7),
        ("{{ f(a=1, a=2) }}", "The argument `a` is given twice", 1, 11),
        ("{{ f(a b) }}", "Expected `)`, found `b`", 1, 8),
        ("{{ {not: json} }}", "Expected a value, found `:`", 1, 8),
        ("{{ [1 2] }}", "Expected `]`, found `2`", 1, 7),
        ("{{ {1: 2 3} }}", "Expected `}`, found `3`", 1, 10),
        ("{{ {1} }}", "Expected `:`", 1, 6),
        ("{{ " + "9" * 1001 + " }}", "A number has more than 1000 digits", 1, 4),
        ("{{ " + "a" * 100 + " b" * 2 + " }}", "Expected `}}`, found `b`", 1, 105),
        ("{{ x " + "y" * 100 + " }}", "found `" + "y" * 37 + "...`", 1, 6),
        ("{{ " + "(" * 100 + "1" + ")" * 100 + " }}", "nests deeper than", 1, 83),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(template, message, line, column):
    with pytest.raises(ExpressionSyntaxError) as caught:
        show(template)
    assert message in caught.value.message
    assert (caught.value.line, caught.value.column) == (line, column)


def test_a_template_of_too_many_parts_is_refused():
    with pytest.raises(ExpressionSyntaxError, match="more than 50000 parts"):
        show("{{ x }}" * 20_000)


def test_a_template_that_is_too_long_is_refused():
    with pytest.raises(ExpressionSyntaxError, match="longer than"):
        show("x" * (8 * 1024 * 1024 + 1))


def test_an_error_knows_its_line():
    with pytest.raises(EvaluationError) as caught:
        show("a\nb {{ 1 }}\n{{ 1 / 0 }}")
    assert caught.value.line == 3
    with pytest.raises(EvaluationError, match="at line 2"):
        show("a\n{{ missing }}")


@pytest.mark.parametrize("value", ["1", "'text'", "true"])
def test_only_lists_and_maps_can_be_looped_over(value):
    with pytest.raises(EvaluationError, match="Not an iterable object"):
        show("{% for x in " + value + " %}{% endfor %}")


def test_a_macro_takes_its_own_arguments_only():
    with pytest.raises(EvaluationError, match="The macro `m` takes a"):
        show("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}")
    with pytest.raises(EvaluationError, match="The macro `m` takes no arguments"):
        show("{% macro m() %}{% endmacro %}{{ m(b=1) }}")


def test_a_block_that_is_nowhere_writes_nothing():
    assert show("[{{ block('x') }}]") == "[]"


def test_inheritance_and_messages_do_not_exist():
    for template in ("{{ parent() }}", "{{ i18n('a', 'b') }}"):
        with pytest.raises(EvaluationError):
            show(template)
