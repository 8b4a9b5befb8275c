import json
import pickle
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.expressions import Environment, ExpressionError, Float32, compile, is_tainted, masked, secrets_in, taint
from flows.expressions.registry import FILTERS, Taint
from flows.expressions.taint import MASK, TAINTED, TaintedText, join
from flows.expressions.vocabulary import load_vocabulary
from tests.flows.expressions.showing import show, value

load_vocabulary()
SECRET = "c2VjcmV0IHRleHQgMTIz"
ARGUMENTS = {
    "abbreviate": "(8)",
    "chunk": "(2)",
    "dateAdd": "(1, 'DAYS')",
    "default": "('x')",
    "endsWith": "('x')",
    "startsWith": "('x')",
    "escapeChar": "('single')",
    "indent": "(2)",
    "nindent": "(2)",
    "jq": "('.')",
    "merge": "([1])",
    "regexExtract": "('.+')",
    "regexMatch": "('.')",
    "regexReplace": "('[0-9]', 'x')",
    "replace": "({'c': 'd'})",
    "split": "('V')",
    "substringAfter": "('V')",
    "substringAfterLast": "('V')",
    "substringBefore": "('V')",
    "substringBeforeLast": "('V')",
}
DROPPING = {name for name, each in FILTERS.items() if each.taint is Taint.DROPS}


def leaves(value):
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(key)
            yield from leaves(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from leaves(each)
    elif isinstance(value, str | int | float | Decimal) and not isinstance(value, bool):
        yield value


@pytest.mark.parametrize("text", [SECRET, "2024-01-15", "12.5", '{"a": [1, "b"]}', "7"])
@pytest.mark.parametrize("name", sorted(set(FILTERS) - DROPPING))
def test_a_filter_keeps_a_secret_secret(name, text):
    try:
        found = value("{{ s | " + name + ARGUMENTS.get(name, "") + " }}", s=taint(text))
    except ExpressionError:
        return
    assert all(isinstance(leaf, TAINTED) for leaf in leaves(found)), found


@pytest.mark.parametrize("name", sorted(set(FILTERS) - DROPPING))
@pytest.mark.parametrize("holder", [lambda s: [s, "plain"], lambda s: {"k": s}, lambda s: [[s]], lambda s: {s: [s]}])
def test_a_filter_keeps_a_secret_inside_a_collection_secret(name, holder):
    try:
        found = value("{{ s | " + name + ARGUMENTS.get(name, "") + " }}", s=holder(taint(SECRET)))
    except ExpressionError:
        return
    for leaf in leaves(found):
        assert SECRET not in masked(leaf) if isinstance(leaf, str) else True
        assert isinstance(leaf, TAINTED) or SECRET.lower() not in str(leaf).lower()


@pytest.mark.parametrize("name", sorted(DROPPING))
def test_what_says_something_about_a_secret_does_not_hold_it(name):
    found = value("{{ s | " + name + ARGUMENTS.get(name, "") + " }}", s=taint(SECRET))
    assert isinstance(found, bool | int) or found == "java.lang.String"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Bearer {{ s }}!", f"Bearer {MASK}!"),
        ("{{ s }}{{ s }}", MASK * 2),
        ("{{ 'a' ~ s ~ 'b' }}", f"a{MASK}b"),
        ("{{ 'a' + s }}", f"a{MASK}"),
        ("{{ {'k': s, 'l': 1} }}", f'{{"k":"{MASK}","l":1}}'),
        ("{{ [s] | toJson }}", f'["{MASK}"]'),
        ("{{ [1, s] | join('-') }}", f"1-{MASK}"),
        ("{{ 'x' ~ s | upper }}", MASK),
        ("{% set t = s %}{{ t | base64encode }}", MASK),
        ("{% for c in [s, 'x'] %}{{ c }};{% endfor %}", f"{MASK};x;"),
        ("{% macro m(a) %}<{{ a }}>{% endmacro %}{{ m(s) }}", f"<{MASK}>"),
        ('{% block "b" %}{{ s }}{% endblock %}', MASK),
        ("{% filter upper %}a{{ s }}{% endfilter %}", MASK),
        ("{{ render('{{ s }}.') }}", f"{MASK}."),
        ("{{ render('{% raw %}{{ s }}{% endraw %}{{ s }}') }}", "{{ s }}" + MASK),
        ("{{ s ?? 'd' }}", MASK),
        ("{{ missing ?? s }}", MASK),
        ("{{ true ? s : 1 }}", MASK),
        ("{{ s | default('x') }}", MASK),
        ("{{ max(s, 'a') }}", MASK),
        ("{{ {'a': {'b': s}}.a.b }}", MASK),
        ("{{ fromJson('{\"a\": \"' ~ s ~ '\"}').a }}", MASK),
        ("{{ yaml('a: ' ~ s).a }}", MASK),
        ("{{ [s] | first }}", MASK),
        ("{{ s.toUpperCase() }}", MASK),
        ("{{ n + 1 }}", MASK),
        ("{{ -n }}", MASK),
        ("{{ n * 2.5 }}", MASK),
        ("{{ n .. 9 }}", f"[{MASK},{MASK},{MASK}]"),
        ("{{ s == 'x' }}", "false"),
        ("{{ s | length }}", "20"),
        ("{{ s is empty }}", "false"),
        ("{{ printContext() }}", f'{{"s":"{MASK}","n":{MASK}}}'),
    ],
)
def test_a_printer_can_mask_exactly_what_is_secret(template, expected):
    assert masked(show(template, s=taint(SECRET), n=taint(7))) == expected


def test_the_fragments_are_the_secret_as_it_now_stands():
    text = show("{{ 'a' ~ s }} {{ s | upper }} {{ n + 1 }}", s=taint("pass-word"), n=taint(41))
    assert secrets_in(text) == {"pass-word", "PASS-WORD", "42"}


def test_fragments_are_found_in_values_too():
    found = value("{{ {'k': [s, 1]} }}", s=taint("pass-word"))
    assert secrets_in(found) == {"pass-word"}
    assert secrets_in({"k": "plain"}) == set()


@pytest.mark.parametrize("plain", [None, True, False])
def test_what_cannot_be_secret_stays_as_it_is(plain):
    assert taint(plain) is plain


@pytest.mark.parametrize("plain", [1, 1.5, Float32(1.5), Decimal("1.5"), "a", [1], {"a": "b"}])
def test_tainting_changes_no_value(plain):
    assert taint(plain) == plain
    assert is_tainted(taint(plain))
    assert not is_tainted(plain)
    assert json.dumps(taint(plain), default=str) == json.dumps(plain, default=str)


def test_an_unknown_object_cannot_be_tainted():
    thing = object()
    assert taint(thing) is thing


def test_a_tainted_text_survives_being_sent_to_another_process():
    text = join(["a", taint("secret")])
    copy = pickle.loads(pickle.dumps(text))
    assert (copy, copy.spans) == ("asecret", ((1, 7),))


def test_masking_leaves_plain_text_alone():
    assert masked("plain") == "plain"


def test_spans_that_overlap_are_masked_once():
    assert masked(TaintedText("abcdef", ((0, 4), (2, 5), (6, 6)))) == MASK + "ef"


FILTER_CALLS = st.sampled_from(
    [
        "upper", "lower", "base64encode", "sha1", "sha256", "md5", "toJson", "trim", "replace({'q': 'z'})", "reverse",
        "first", "last", "urlencode", "string", "abbreviate(5)", "capitalize", "title", "indent(2)", "nindent(2)",
        "escapeChar('shell')", "toIon", "default('x')", "substringBefore('zz')", "slugify", "regexReplace('z+', 'y')",
    ]
)  # fmt: skip
OPERANDS = st.sampled_from(["s", "'x'", "1", "'a-b'", "m.k", "l[0]", "n"])
EXPRESSIONS = st.recursive(
    OPERANDS,
    lambda inner: st.one_of(
        st.tuples(inner, FILTER_CALLS).map(lambda pair: f"({pair[0]} | {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} ~ {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"('' ~ {pair[0]} + {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"([{pair[0]}, {pair[1]}] | join(','))"),
        st.tuples(inner, inner).map(lambda pair: f"{{'a': {pair[0]}, 'b': [{pair[1]}]}}"),
        inner.map(lambda one: f"(missing ?? {one})"),
        inner.map(lambda one: f"[{one}]"),
    ),
    max_leaves=8,
)
FRAMES = st.sampled_from(
    [
        "{{ EXPR }}",
        "a {{ EXPR }} b {{ s }}",
        "{% set v = EXPR %}{{ v }}|{{ v }}",
        "{% for v in [EXPR, 1] %}{{ v }}{% endfor %}",
        "{% macro m(v) %}[{{ v }}]{% endmacro %}{{ m(EXPR) }}",
        "{% filter upper %}{{ EXPR }}{% endfilter %}",
        "{% if true %}{{ EXPR }}{% endif %}",
    ]
)


def masked_with(template, secret):
    plain = {"s": secret, "m": {"k": secret}, "l": [secret], "n": len(secret)}
    scope = {**{key: taint(each) for key, each in plain.items()}, "n": 3}
    try:
        return masked(compile(template).render(scope, Environment()))
    except ExpressionError as error:
        return type(error).__name__


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS, FRAMES, st.text("abcdefgh", min_size=8, max_size=8), st.text("ijklmnop", min_size=8, max_size=8))
def test_what_is_printed_outside_the_mask_does_not_depend_on_the_secret(expression, frame, one, other):
    template = frame.replace("EXPR", expression)
    assert masked_with(template, one) == masked_with(template, other)
