"""Expressions written to escape, to hang or to eat memory: each ends in a clear error, soon and small."""

import resource
import sys

import pytest

from flows.expressions import Environment, ExpressionError, TaintedText, compile, render, taint
from flows.expressions.errors import ExpressionLimitError
from tests.quickest import takes_less_than

MANY = "range(0, 99999)"
NINES = "9" * 900
DEEP_JSON = "[" * 5000 + "]" * 5000
ALIASES = "\n".join(
    ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    + [f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]
)
MERGES = "\n".join(["a0: &a0 {k: v}"] + [f"a{n}: &a{n}\n  <<: [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)])


def doubled(start: str, step: str, times: int = 40, end: str = "{{ x }}") -> str:
    return "{% set x = " + start + " %}" + ("{% set x = " + step + " %}") * times + end


ESCAPES = [
    "{{ ''.__class__ }}",
    "{{ ''.__class__.__mro__ }}",
    "{{ [].__class__.__base__.__subclasses__() }}",
    "{{ {}.__class__ }}",
    "{{ inputs.__class__ }}",
    "{{ inputs['__class__'] }}",
    "{{ inputs.__init__.__globals__ }}",
    "{{ inputs['__init__']['__globals__'] }}",
    "{{ range.__globals__ }}",
    "{{ now.__globals__ }}",
    "{{ (1).__class__ }}",
    "{{ 1.5.real }}",
    "{{ 'a'.encode() }}",
    "{{ 'a'.format(1) }}",
    "{{ '%s'.__mod__('x') }}",
    "{{ ''.join(['a']) }}",
    "{{ inputs.items() }}",
    "{{ inputs.pop('a') }}",
    "{{ inputs.update({}) }}",
    "{{ inputs.copy() }}",
    "{{ inputs.getClass() }}",
    "{{ inputs.getClass().forName('java.lang.Runtime') }}",
    "{{ ''.getClass().getProtectionDomain() }}",
    "{{ inputs.class }}",
    "{{ inputs.class.classLoader }}",
    "{{ inputs['class'].forName('java.lang.Runtime') }}",
    "{{ self }}",
    "{{ self._TemplateReference__context }}",
    "{{ request.application }}",
    "{{ config }}",
    "{{ cycler.__init__ }}",
    "{{ lipsum.__globals__ }}",
    "{{ __import__('os') }}",
    "{{ eval('1') }}",
    "{{ exec('x') }}",
    "{{ open('/etc/passwd') }}",
    "{{ globals() }}",
    "{{ getattr(inputs, 'a') }}",
    "{{ inputs | attr('__class__') }}",
    "{{ inputs | map('upper') }}",
    "{{ 'a' | escape }}",
    "{{ 'a' | raw }}",
    "{{ beans }}",
    "{{ template }}",
    "{{ moment.tzinfo }}",
    "{{ moment.__class__ }}",
    "{{ moment.tzinfo }}",
    "{{ thing }}",
    "{{ thing.secret_of_it }}",
    "{{ thing | toJson }}",
    "{{ [thing] | yaml }}",
    "{{ thing ~ '' }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% from 'x' import y %}",
    "{% extends 'x' %}",
    "{% embed 'x' %}{% endembed %}",
    "{% autoescape false %}{% endautoescape %}",
    "{% parallel %}{% endparallel %}",
    "{% cache 'x' %}{% endcache %}",
    "{% flush %}",
    "{% do x %}",
    "{{ parent() }}",
    "{{ i18n('a', 'b') }}",
    "{{ {'a': 1} | jq('import \"a\" as $a; .') }}",
    "{{ {'a': 1} | jq('import \"passwd\" as $a {search: \"/etc\"}; $a') }}",
    "{{ {'a': 1} | jq('include \"a\"; .') }}",
    "{{ {'a': 1} | jq('\"a\" | modulemeta') }}",
    "{{ {'a': 1} | jq('input') }}",
    "{{ yaml('!!python/object/apply:os.system [id]') }}",
    "{{ yaml('!!python/name:os.system') }}",
    "{{ yaml('a: !x b') }}",
    "{{ read('../../etc/passwd') }}",
    "{{ read('a/%2e%2e/b') }}",
    "{{ read('kestra:///other/flow/executions/1/x') }}",
    "{{ fileURI('..') }}",
    "{{ now(timeZone='../../etc/passwd') }}",
    "{{ now(timeZone='/etc/localtime') }}",
    "{{ secret('A') }}",
    "{{ secret(secret('A')) }}",
    "{{ kv('k') }}",
    "{{ credential('k') }}",
    "{{ http('http://169.254.169.254/latest/meta-data') }}",
    "{{ render(\"{{ secret('A') }}\") }}",
    "{{ encrypt('short', 'x') }}",
]
LIMITS = [
    "{{ 10**300000 }}",
    "{{ 'a' * 300000000 }}",
    f"{{{{ {NINES} * {NINES} * {NINES} * {NINES} * {NINES} }}}}",
    doubled("10", "x * x"),
    doubled(NINES, "x * x"),
    doubled("'1e1000' | number('BIGDECIMAL')", "x * x"),
    "{{ '1e999999999' | number }}",
    "{{ '1e999999999' | number('BIGINTEGER') }}",
    "{{ '1e-999999999' | number('BIGDECIMAL') }}",
    "{{ 1 / 0 }}",
    "{{ 1 % 0 }}",
    "{{ 1.5 / 0 }}",
    f"{{{{ {'9' * 5000} }}}}",
    "{{ range(0, 1000000000) }}",
    "{{ range(0, 999999999999999999) | length }}",
    "{{ range(0, 10, 0) }}",
    "{{ 0..1000000000 }}",
    "{% for a in 0..99999 %}{% for b in 0..99999 %}{% endfor %}{% endfor %}",
    "{% for a in 0..999 %}{% for b in 0..999 %}{% for c in 0..999 %}x{% endfor %}{% endfor %}{% endfor %}",
    "{% for a in 0..99999 %}{% for b in 0..9 %}{{ a * b }}{% endfor %}{% endfor %}",
    "{% for a in 0..99999 %}" + "x" * 1000 + "{% endfor %}",
    "{% set s = 'x' %}{% for a in 0..99 %}{% set s = s ~ s %}{% endfor %}{{ s }}",
    "{% set s = 'x' %}{% for a in 0..99 %}{% set s = s + s %}{% endfor %}",
    "{% set s = ['x'] %}{% for a in 0..99 %}{% set s = s + s %}{% endfor %}",
    "{% set s = ['x'] %}{% for a in 0..99 %}{% set s = s | merge(s) %}{% endfor %}",
    "{% set s = ['x'] %}{% for a in 0..99 %}{% set s = [s, s] %}{% endfor %}{{ s }}",
    "{% set s = ['x'] %}{% for a in 0..99 %}{% set s = [s, s] %}{% endfor %}{{ s == [s] }}",
    "{% set s = ['x'] %}{% set t = ['x'] %}{% for a in 0..29 %}{% set s = [s, s] %}{% set t = [t, t] %}{% endfor %}"
    "{{ s == t }}",
    "{% set s = ['x'] %}{% for a in 0..99 %}{% set s = [s, s] %}{% endfor %}{{ s | toIon }}",
    "{% set s = ['x'] %}{% for a in 0..99 %}{% set s = [s, s] %}{% endfor %}{{ s | yaml }}",
    "{% set s = ['x'] %}{% for a in 0..99 %}{% set s = [s, s] %}{% endfor %}{{ s | jq('.') }}",
    "{% set s = ['x'] %}{% for a in 0..99 %}{% set s = [s, s] %}{% endfor %}{{ render(s) }}",
    "{% set s = {} %}{% for a in 0..9999 %}{% set s = {'k': s} %}{% endfor %}{{ s }}",
    "{% set s = [1] %}{% for a in 0..9999 %}{% set s = [s] %}{% endfor %}{{ s | distinct }}",
    "{% set s = [1] %}{% set l = [] %}{% for a in 0..99999 %}{% set l = l + [l] %}{% endfor %}{{ l }}",
    "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "{% macro f(n) %}{{ f(n) }}{{ f(n) }}{% endmacro %}{{ f(1) }}",
    "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
    "{% macro f(n) %}{% for i in 0..9 %}{{ f(i) }}{% endfor %}{% endmacro %}{{ f(1) }}",
    '{% block "b" %}{{ block("b") }}{% endblock %}',
    "{{ render(loop_a) }}",
    "{{ render(grows) }}",
    "{{ render(calls_itself) }}",
    "{{ renderOnce(once_itself) }}",
    "{{ render({'a': calls_itself}) }}",
    "{{ render([grows]) }}",
    "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "{{ " + "[" * 5000 + "]" * 5000 + " }}",
    "{{ " + "-" * 5000 + "1 }}",
    "{{ " + "not " * 5000 + "true }}",
    "{{ " + "max(" * 5000 + "1" + ")" * 5000 + " }}",
    "{{ " + "{'a': " * 5000 + "1" + "}" * 5000 + " }}",
    "{{ " + "a[" * 5000 + "1" + "]" * 5000 + " }}",
    "{{ " + "true ? " * 5000 + "1 }}",
    "{{ " + "1 ? 1 : " * 5000 + "1 }}",
    "{% if true %}" * 5000,
    "{% for a in [1] %}" * 5000 + "{% endfor %}" * 5000,
    "{{ " + "1 + " * 60_000 + "1 }}",
    "{{ " + "x." * 60_000 + "x }}",
    "{{ 1 " + "| abs " * 60_000 + "}}",
    "{{" * 50_000,
    "{%" * 50_000,
    "{{ '" + "a" * 100_000,
    "{# " + "a" * 100_000,
    "{% raw %}" + "a" * 100_000,
    "{{ 'a' | indent(1000000000) }}",
    "{{ 'a' | nindent(1000, 'x' ~ 'y') | nindent(1000, big) }}",
    "{{ big | replace({'x': big}) }}",
    "{{ big | replace({'x': big}, regexp=true) }}",
    "{{ big | regexReplace('x', '$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0') | regexReplace('x', big) }}",
    "{{ big | split('') }}",
    "{{ [big, big, big, big, big, big, big, big, big, big, big, big, big, big, big, big, big, big, big] | join }}",
    f"{{{{ {MANY} | join(big) }}}}",
    f"{{{{ {MANY} | chunk(0) }}}}",
    f"{{{{ {MANY} | sort | rsort | sort | rsort | sort | rsort | sort | rsort }}}}",
    f"{{{{ {MANY} - {MANY} }}}}",
    f"{{{{ {MANY} contains {MANY} }}}}",
    f"{{% for a in {MANY} %}}{{% if {MANY} contains -1 %}}{{% endif %}}{{% endfor %}}",
    f"{{% for a in {MANY} %}}{{{{ {MANY} | length }}}}{{% endfor %}}",
    f"{{% for a in {MANY} %}}{{{{ big | upper | length }}}}{{% endfor %}}",
    f"{{% for a in {MANY} %}}{{{{ big | sha512 }}}}{{% endfor %}}",
    f"{{% for a in {MANY} %}}{{{{ big | title | slugify }}}}{{% endfor %}}",
    "{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' | regexMatch('(a+)+$(?=b)') }}",
    "{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' | regexMatch('(a)\\1') }}",
    "{{ big | regexMatch('((((x{1,100}){1,100}){1,100}){1,100})') }}",
    "{{ big | regexMatch('(?:x{0,900}y?){900}') }}",
    "{{ big | regexMatch('(?:x?){900}(?:[xy]{0,90}z?){9}q') }}",
    "{{ 'a' | regexMatch('(') }}",
    "{{ 'a' | regexMatch(big) }}",
    "{{ {} | jq('[range(1e12)] | length') }}",
    "{{ {} | jq('def f: f; f') }}",
    "{{ {} | jq('def f: [f]; f') }}",
    "{{ {} | jq('repeat(1)') }}",
    "{{ {} | jq('[repeat(1)]') }}",
    "{{ {} | jq('\"a\" * 1000000000') }}",
    "{{ {} | jq('[limit(100000000; repeat(\"aaaaaaaaaaaaaaaa\"))] | add') }}",
    "{{ {} | jq('last(range(1e15))') }}",
    "{{ {} | jq('until(false; .)') }}",
    "{{ {} | jq('reduce range(1e12) as $i (0; . + $i)') }}",
    "{{ {} | jq('" + "[" * 3000 + "]" * 3000 + "') }}",
    "{{ {} | jq('" + "(1,1)|" * 60 + ".') }}",
    "{{ {} | jq('nonsense(') }}",
    "{{ {} | jq('.a.b.c | error') }}",
    "{{ {} | jq(big) }}",
    "{{ fromJson(deep_json) }}",
    "{{ deep_json | jq('.') }}",
    "{{ yaml(deep_json) }}",
    "{{ fromIon(deep_json) }}",
    "{{ yaml(aliases) }}",
    "{{ yaml(aliases) | toJson }}",
    "{{ yaml('&a [*a]') }}",
    "{{ yaml(merges).a0.k }}",
    "{{ yaml('{? [a, b] : c}') }}",
    "{{ yaml('a: b: c') }}",
    "{{ fromJson('{') }}",
    "{{ fromJson('NaN') }}",
    f"{{{{ fromJson('{'9' * 5000}') }}}}",
    "{{ fromJson('1e400000000000000000000') | toIon | number('BIGINTEGER') }}",
    f"{{{{ fromIon('{'9' * 5000}') }}}}",
    "{{ fromIon('{a:') }}",
    "{{ fromIon('1d999999999') }}",
    "{{ now() | date('" + "y" * 10_000 + "') }}",
    "{{ now() | date('" + "[" * 150 + "') }}",
    "{{ now() | date('b') }}",
    '{{ now() | date("\'") }}',
    "{{ now() | dateAdd(999999999999999, 'YEARS') }}",
    "{{ now() | dateAdd(999999999999999999999999, 'MILLIS') }}",
    "{{ now() | dateAdd(1, 'FORTNIGHTS') }}",
    "{{ '9999-12-31T23:59:59Z' | date(timeZone='+14:00') }}",
    "{{ '0001-01-01T00:00:00Z' | date(timeZone='-14:00') }}",
    "{{ '2024-02-30' | date }}",
    "{{ 99999999999999999999999 | date }}",
    "{{ 1 | numberFormat('" + "0" * 10_000 + "') }}",
    "{{ 1 | numberFormat('0#') }}",
    "{{ nanoId(1000000000) }}",
    "{{ nanoId(alphabet='') }}",
    "{{ isPublicHoliday('2024-01-01', 'XX') }}",
    "{{ isPublicHoliday('2024-01-01', 'US', '../..') }}",
    "{{ 'a' | base64decode }}",
    "{{ lone_surrogate | sha256 }}",
    "{{ lone_surrogate | regexMatch('a') }}",
    "{{ lone_surrogate | urlencode }}",
    "{{ {[1]: 2} }}",
    "{{ [1, 'a', null] | sort }}",
    "{{ 'a' < 1 }}",
    "{{ 1 - 'a' }}",
    "{{ {} * 2 }}",
    "{{ }}",
    "{% %}",
    "{{ 1 +",
    "{{ 1 2 }}",
    "{{ a b }}",
    "{{ | upper }}",
    "{{ 'a' | }}",
    "{{ 'a' is }}",
    "{{ f(a=1, a=2) }}",
    "{{ x[ }}",
    "{{ \x00 }}",
    "{{ ` }}",
    "{% if %}{% endif %}",
    "{% for in x %}{% endfor %}",
    "{% endif %}",
    "{% set 1 = 2 %}",
    "{% macro f(a, a) %}{% endmacro %}",
]


class Thing:
    """An object of the program that strayed into a scope."""

    secret_of_it = "s"


def scope() -> dict:
    from datetime import datetime

    return {
        "inputs": {"a": 1},
        "thing": Thing(),
        "moment": datetime(2024, 1, 1),
        "big": "x" * 500_000,
        "deep_json": DEEP_JSON,
        "aliases": ALIASES,
        "merges": MERGES,
        "lone_surrogate": "a\ud800",
        "loop_a": "{{ loop_b }}",
        "loop_b": "{{ loop_a }}",
        "grows": "{{ grows }}{{ grows }}",
        "calls_itself": "{{ render(calls_itself) }}",
        "once_itself": "{{ renderOnce(once_itself) }}{{ renderOnce(once_itself) }}",
    }


@pytest.fixture(autouse=True, scope="module")
def _warm():
    """What is loaded once (jq's child, the vocabulary) is no cost of the first expression."""
    compile("{{ [1] | jq('map(. + 1)') }}{{ isPublicHoliday('2024-01-01', 'FR') }}{{ 'a' | regexMatch('b') }}").render(
        {}, Environment()
    )


def peak_kilobytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def error_of(template: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        compile(template).render(scope(), Environment())
    return caught.value


@pytest.mark.parametrize("template", [*ESCAPES, *LIMITS], ids=lambda template: template[:60])
def test_a_hostile_expression_ends_in_a_clear_error_soon_and_small(template):
    before, errors = peak_kilobytes(), []
    assert takes_less_than(1.0, lambda: errors.append(error_of(template)))
    assert peak_kilobytes() - before < 64 * 1024
    message = errors[0].message
    assert 0 < len(message) < 20_000
    assert "Traceback" not in message
    assert "object at 0x" not in message


HEAVY = "{% for i in range(1, 400) %}{{ [i * 1000] | jq('[range(.[0])] | map(. * 2) | add') }}{% endfor %}"
LIGHT = "{% for i in range(1, 90000) %}{{ [i] | jq('map(. + 1)') }}{% endfor %}"


@pytest.mark.parametrize("template", [HEAVY, LIGHT])
def test_many_jq_programs_are_bounded_together(template):
    assert takes_less_than(1.0, lambda: error_of(template))
    assert isinstance(error_of(template), ExpressionLimitError)


def test_there_are_at_least_150_of_them():
    assert len({*ESCAPES, *LIMITS}) >= 150


@pytest.mark.parametrize(
    "template",
    [
        "{{ '{{ secret(1) }}' }}",
        "{{ inputs.text }}",
        "{{ inputs.text ~ '' }}",
        "{{ inputs | toJson }}",
        "{{ [inputs.text] | join }}",
        "{% set a = inputs.text %}{{ a }}",
    ],
)
def test_an_expression_inside_a_value_stays_text(template):
    shown = compile(template).render({"inputs": {"text": "{{ secret(1) }}"}}, Environment())
    assert "secret(1)" in shown


@pytest.mark.parametrize("repeated", ["1 + ", "x.", "[1] + ", "max(1) + ", "a ?? ", "{'a': 1} + "])
def test_a_long_template_is_compiled_in_time_that_grows_with_its_length(repeated):
    lengths = iter(range(6_000, 6_010))  # never compiled before
    assert takes_less_than(1.0, lambda: compile("{{ " + repeated * next(lengths) + "x }}"))


def test_a_merge_key_means_nothing_special():
    text = "a: &a {k: v}\nb: {<<: *a}"
    assert compile("{{ yaml(text).b | keys }}").render({"text": text}, Environment()) == '["<<"]'


def test_a_limit_holds_for_all_of_a_deep_value_together():
    with pytest.raises(ExpressionError):
        render(["{% for a in 0..9999 %}{{ a }}{% endfor %}"] * 1000, {}, Environment())


def test_no_error_tells_a_secret():
    secret = "hunter2-and-more"
    for template in (
        "{{ s | number }}",
        "{{ s | date }}",
        "{{ fromJson(s) }}",
        "{{ s | jq('.') }}",
        "{{ 'a' | regexMatch(s ~ '(') }}",
        "{{ 'a' | date(s) }}",
        "{{ now(timeZone=s) }}",
        "{{ now() | date(s) }}",
        "{{ 1 | numberFormat(s ~ ',') }}",
        "{{ x[s] }}",
        "{{ render(s ~ '{{ nothing }}') }}",
        "{{ render(s ~ '{{ (') }}",
        "{{ 'a' | dateAdd(1, s) }}",
        "{{ s | base64decode }}",
        "{{ now() | date(existingFormat=s) | date(existingFormat=s) }}",
        "{{ isPublicHoliday('2024-01-01', s) }}",
        "{{ s is even }}",
        "{{ s + [1] - 1 }}",
        "{{ {} | jq(s) }}",
        "{{ currentEachOutput({}) }}",
        "{{ 'x' | escapeChar(s) }}",
        "{{ read(s) }}",
        "{{ decrypt(s, s) }}",
    ):
        with pytest.raises(ExpressionError) as caught:
            compile(template).render({"s": taint(secret), "x": {}, "taskrun": {"value": taint(secret)}}, Environment())
        assert secret not in str(caught.value), template
        assert isinstance(taint(secret), TaintedText)


def test_deep_callers_do_not_make_it_crash():
    def below(levels):
        if levels:
            return below(levels - 1)
        return compile("{{ " + "(" * 70 + "1" + ")" * 70 + " }}").render({}, Environment())

    with pytest.raises(ExpressionError):
        below(sys.getrecursionlimit() - 150)
