from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from flows.expressions import EvaluationError, ExpressionError, Float32, truth
from flows.expressions.nodes import Chain
from flows.expressions.statements import parse
from tests.flows.expressions.showing import show, value

SCOPE = {
    "i": 7,
    "f": 1.5,
    "f32": Float32(1.123),
    "d": Decimal("1.10"),
    "t": "text",
    "l": [1, "a", None],
    "m": {"k": "v", "n": {"o": 1}, "1": "one", "a-b": 2},
    "no": None,
    "day": date(2024, 1, 15),
    "at": datetime(2024, 1, 15, 10, tzinfo=UTC),
    "long": timedelta(hours=1),
    "clock": time(10, 30),
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # whole numbers stay whole and divide towards zero
        ("7 / 2", "3"),
        ("-7 / 2", "-3"),
        ("-7 % 3", "-1"),
        ("7 % -3", "1"),
        ("2 + 3 * 4", "14"),
        ("(2 + 3) * 4", "20"),
        ("2 + 2 / (10 % 3) * (8 - 1)", "16"),
        ("100 + 10l * 2.5", "125.0"),
        ("7.0 / 2", "3.5"),
        ("1 - 2 - 3", "-4"),
        ("f32 + 1", "2.1230001"),
        ("f32 + 1.0", "2.1230000257492065"),
        ("d + 1", "2.1"),
        ("d * 2.5", "2.75"),
        ("7.5 % 2", "1.5"),
        ("-i", "-7"),
        ("+i", "7"),
        ("-0", "0"),
        # texts and lists add up
        ("'a' + 1", "a1"),
        ("1 + 'a'", "1a"),
        ("'a' + null", "a"),
        ("[1] + [2]", "[1,2]"),
        ("[1] + 2", "[1,2]"),
        ("[1, 2, 3, 2] - [2]", "[1,3]"),
        ("[1, 2] - 2", "[1]"),
        ("'a' ~ 1 ~ null ~ true ~ [1]", "a1true[1]"),
        # `~` and `??` bind tighter than filters
        ("'a' ~ 'b' | upper", "AB"),
        ("missing ?? 'b' | upper", "B"),
        ("'a' ?? 'b' | upper", "a"),
        ("'a' | upper ~ 'b'", "Ab"),
        ("-7 | abs", "7"),
        # comparisons
        ("1 == 1.0", "true"),
        ("1 == '1'", "false"),
        ("1 == true", "false"),
        ("true == true", "true"),
        ("null == null", "true"),
        ("no == null", "true"),
        ("'a' equals 'a'", "true"),
        ("[1, 2] == [1, 2]", "true"),
        ("{'a': 1} != {'a': 2}", "true"),
        ("1 < 2", "true"),
        ("2 <= 2.0", "true"),
        ("d > 1", "true"),
        ("null < 1", "false"),
        ("1 > null", "false"),
        ("true > false", "true"),
        ("day < at", "false"),
        ("at > '2024-01-15T09:00:00Z'", "true"),
        ("long > long", "false"),
        ("clock >= clock", "true"),
        # logic
        ("true and false", "false"),
        ("true or missing", "true"),
        ("false and missing", "false"),
        ("not true", "false"),
        ("not (1 == 2)", "true"),
        ("not 1 == 2", "false"),
        ("true and not false", "true"),
        ("false or true and false", "false"),
        ("1 and 'x'", "true"),
        # containment
        ("['a', 'b'] contains 'a'", "true"),
        ("['a', 'b'] contains ['a', 'b']", "true"),
        ("['a', 'b'] contains ['a', 'c']", "false"),
        ("{'a': 1} contains 'a'", "true"),
        ("{'a': 1} contains 1", "false"),
        ("{'a': 1} contains [['a']]", "false"),
        ("[[1], [2]] contains [[1]]", "true"),
        ("'text' contains 'ex'", "true"),
        ("'a1' contains 1", "true"),
        ("null contains 'a'", "false"),
        ("'a' isIn ['a', 'b']", "true"),
        ("1 isIn [2]", "false"),
        ("'a' isIn {'a': 1}", "true"),
        ("'abc' matches '^a.c$'", "true"),
        ("null matches 'a'", "false"),
        # ranges
        ("1..3", "[1,2,3]"),
        ("3..1", "[]"),
        ("'a'..'c'", '["a","b","c"]'),
        # ternary
        ("true ? 1 : 2", "1"),
        ("false ? 1 : 2", "2"),
        ("false ? 1", ""),
        ("'x' ?: 'y'", "x"),
        ("'' ?: 'y'", "y"),
        ("false ? 1 : false ? 2 : 3", "3"),
        ("1 == 1 ? 'a' : 'b' ~ 'c'", "a"),
        # tests
        ("2 is even and 3 is odd", "true"),
        ("(3 is not even) and (2 is odd or 3 is even)", "false"),
        ("'' is empty", "true"),
        ("{} is not empty", "false"),
        ("null is null", "true"),
        ("missing is null", "true"),
        ("{'a': 1}.b is not null", "false"),
        ("'x' is json", "false"),
        ("1 is json", "false"),
        ("l is iterable", "true"),
        ("m is iterable", "false"),
        ("m is map", "true"),
        ("1 is equals(1.0)", "true"),
        ("missing is defined", "false"),
        ("no is defined", "false"),
        ("m.nothing is defined", "false"),
        ("m.k is defined", "true"),
        ("l[2] is defined", "false"),
        ("l[3] is defined", "false"),
        ("m[missing] is not defined", "true"),
        # access
        ("m.n.o", "1"),
        ("m['n']['o']", "1"),
        ("m[1]", "one"),
        ("m['a-b']", "2"),
        ("l[0]", "1"),
        ("l.1", "a"),
        ("l['1']", "a"),
        ("m.1", "one"),
        ("l.length", "3"),
        ("t.length", "4"),
        ("l.size()", "3"),
        ("m.get('k')", "v"),
        ("m.get('nothing')", ""),
        ("m.getOrDefault('nothing', 'd')", "d"),
        ("m.getOrDefault('k', 'd')", "v"),
        ("m.keySet() | length", "4"),
        ("m.values() | first", "v"),
        ("m.entrySet()[0].key", "k"),
        ("m.size()", "4"),
        ("m.isEmpty()", "false"),
        ("m.containsKey('k')", "true"),
        ("l.get(1)", "a"),
        ("l.isEmpty()", "false"),
        ("t.toUpperCase()", "TEXT"),
        ("t.startsWith('te') and t.endsWith('xt') and t.contains('ex')", "true"),
        ("t.length() ~ t.isEmpty() ~ t.trim() ~ 'A'.toLowerCase()", "4falsetexta"),
        ("{'a': {'b': [1, 2]}}.a.b[1]", "2"),
        ("[[1, 2], [3]][0][1]", "2"),
        # literals
        ('"it\'s"', "it's"),
        (r"'it\'s'", "it's"),
        (r"'a\\.b'", r"a\\.b"),
        (r"'a\d'", r"a\d"),
        ("TRUE", "true"),
        ("NULL", ""),
        ("none", ""),
        ("[]", "[]"),
        ("{}", "{}"),
        ("[1, 2,]", "[1,2]"),
        ("{'a': 1,}", '{"a":1}'),
        ("{t: 1, 1: 2}", '{"text":1,"1":2}'),
        ("1.50", "1.5"),
    ],
)
def test_an_expression_gives(expression, expected):
    assert show("{{ " + expression + " }}", **SCOPE) == expected


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("missing", "Unable to find `missing` used in the expression `{{ missing }}` at line 1"),
        ("m.nothing", "Unable to find `nothing`"),
        ("m['nothing']", "Unable to find `nothing`"),
        ("l[3]", "Unable to find `3`"),
        ("l[-1]", "Unable to find `-1`"),
        ("l[true]", "Unable to find `1`"),
        ("m[l]", "Unable to find `******`"),
        ("no.a", "Unable to find `no`"),
        ("no['a']", "Unable to find `no`"),
        ("m.get('z').a", "Unable to find `a`"),
        ("m.get('z')['a']", "Unable to find `a`"),
        ("t.nothing", "Unable to find `nothing`"),
        ("t.nothing()", "Unable to find `nothing`"),
        ("t.trim(a=1)", "Unable to find `trim`"),
        ("i.nothing()", "Unable to find `nothing`"),
        ("m.get()", "The method `get` does not take these arguments"),
        ("missing ?? other", "Unable to find `other`"),
        ("missing ??? other", "Unable to find `other`"),
        ("1 / 0", "Division by zero"),
        ("1 - 'a'", "`-` needs two numbers, not a number and a text"),
        ("null * 2", "`*` needs two numbers, not null and a number"),
        ("true % 2", "`%` needs two numbers, not a boolean and a number"),
        ("m - 1", "`-` needs two numbers, not a map and a number"),
        ("-t", "`-` needs a number, not a text"),
        ("day * 2", "`*` needs two numbers, not a date and a number"),
        ("'a' < 1", "a text and a number have no order"),
        ("day < 'x'", "a date and a text have no order"),
        ("1 contains 1", "`contains` needs a list, a map or a text, not a number"),
        ("'ab'..'c'", "A range goes from number to number"),
        ("'a' is even", "`even` and `odd` ask about whole numbers"),
        ("'a' | nothing", "Filter [nothing] does not exist"),
        ("nothing()", "Function or Macro [nothing] does not exist. ({{ nothing() }}:1)"),
        ("missing == 'a'", "Could not perform equals comparison ({{ missing == 'a' }}:1)"),
        ("1 != {'a': 1}.b", "Could not perform not equals comparison ({{ 1 != {'a': 1}.b }}:1)"),
        ("1 is nothing", "Test [nothing] does not exist"),
        ("{[1]: 2}", "A list or a map cannot be the key of a map"),
        ("'a' | upper(1)", "The filter `upper` takes at most 0 arguments"),
        ("'a' | chunk", "The filter `chunk` expects an argument `size`"),
        ("'a' | upper(x=1)", "The filter `upper` has no argument `x`"),
        ("max(x=1)", "The function `max` has no argument `x`"),
    ],
)
def test_an_expression_without_value_says_why(expression, message):
    with pytest.raises(EvaluationError) as caught:
        show("{{ " + expression + " }}", **SCOPE)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("left", "null", "undefined"),
    [("??", "d", "d"), ("???", "", "d")],
)
def test_the_two_coalescing_operators_differ_on_null(left, null, undefined):
    assert show("{{ no " + left + " 'd' }}", no=None) == null
    assert show("{{ missing " + left + " 'd' }}") == undefined
    assert show("{{ (no ??? 'a') ?? 'b' }}", no=None) == "b"
    assert show("{{ a ?? b ?? 'c' }}", b=None) == "c"
    assert show("{{ a ?? b ?? 'c' }}", b="") == ""


def test_a_comparison_with_something_undefined_is_undefined_itself():
    assert show("{{ (missing == 'a') ?? 'none' }}") == "none"


def test_coalescing_and_ranges_share_a_level():
    assert show("{{ missing ?? 1 .. 3 }}") == "[1,2,3]"


def test_coalescing_catches_nothing_but_the_undefined():
    with pytest.raises(ExpressionError):
        show("{{ (1 / 0) ?? 'x' }}")


@pytest.mark.parametrize(
    ("given", "holds"),
    [
        (None, False), (False, False), (0, False), (0.0, False), ("", False), ([], False), ({}, False),
        (True, True), (1, True), ("false", True), ([0], True), (date(2024, 1, 1), True),
    ],
)  # fmt: skip
def test_a_condition_holds_unless_it_is_nothing(given, holds):
    assert truth(given) is holds


def test_long_chains_need_no_deep_stack():
    assert value("{{ " + " + ".join(["1"] * 5000) + " }}") == 5000
    assert value("{{ " + " and ".join(["true"] * 5000) + " }}") is True
    assert value("{{ " + " ?? ".join(["missing"] * 5000 + ["1"]) + " }}") == 1
    assert value("{{ 'a' " + "| upper " * 5000 + "}}") == "A"


def test_a_value_keeps_its_type_when_the_template_is_one_expression():
    assert value("{{ m }}", **SCOPE) == SCOPE["m"]
    assert value("{{ 1 + 1 }}") == 2
    assert value("{{ missing ?? null }}") is None
    assert value(" {{ 1 }}") == " 1"
    assert value("{{ 1 }}{{ 2 }}") == "12"
    assert value("text") == "text"


@pytest.mark.parametrize(
    "group",
    [["==", "equals", "!=", "<", ">", "<=", ">=", "isIn", "??", "???"], ["+", "-"], ["*", "/", "%"], ["contains", "matches"], ["~"], [".."]],
)  # fmt: skip
def test_operators_of_a_group_bind_alike(group):
    for one in group:
        for other in group:
            (printed,) = parse("{{ a " + one + " b " + other + " c }}")
            assert isinstance(printed.value, Chain), (one, other)
            assert [operator for operator, _ in printed.value.rest] == [one, other]


def test_groups_bind_in_their_order():
    order = ["or", "and", "contains", "==", "+", "*", "~", ".."]
    for weaker, tighter in pairwise(order):
        for first, second in ((weaker, tighter), (tighter, weaker)):
            (printed,) = parse("{{ a " + first + " b " + second + " c }}")
            assert [operator for operator, _ in printed.value.rest] == [weaker], (first, second)


@pytest.mark.parametrize(
    ("template", "result"),
    [
        ("{{ d + e }}", Decimal("1.35")),
        ("{{ d - e }}", Decimal("0.85")),
        ("{{ d * e }}", Decimal("0.2750")),
        ("{{ d / e }}", Decimal("4.4")),
        ("{{ d % e }}", Decimal("0.10")),
    ],
)
def test_exact_numbers_stay_exact(template, result):
    found = value(template, d=Decimal("1.10"), e=Decimal("0.25"))
    assert (found, type(found)) == (result, Decimal)


@pytest.mark.parametrize("key", ["1234567890", "12345678901"])
def test_a_number_of_ten_digits_is_no_place_in_a_list(key):
    with pytest.raises(ExpressionError, match=f"Unable to find `{key}`"):
        value("{{ l[" + f"'{key}'" + "] }}", l=[1])
