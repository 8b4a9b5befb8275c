from decimal import Decimal

import pytest

from flows.expressions import EvaluationError, ExpressionError, Float32
from tests.flows.expressions.showing import show, value


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("' a b ' | capitalize", " A b "),
        ("'' | capitalize", ""),
        ("'hello  world\tx' | title", "Hello  World\tX"),
        ("12 | upper", "12"),
        ("'abc' | abbreviate(3)", "abc"),
        ("'abcd' | abbreviate(3)", "abc"),
        ("'abcd' | abbreviate(2)", "ab"),
        ("'test test ' | slugify", "test-test"),
        ("'Élan -- vital_1!' | slugify", "elan-vital-1"),
        ("'a.b' | substringBefore('x')", "a.b"),
        ("'a.b' | substringAfter('x')", ""),
        ("'a.b' | substringBeforeLast('x')", "a.b"),
        ("'a.b' | substringAfterLast('x')", ""),
        ("'a.b' | substringBefore('')", ""),
        ("'a.b' | substringAfter('')", "a.b"),
        ("'a.b' | substringBeforeLast('')", "a.b"),
        ("'a.b' | substringAfterLast('')", ""),
        ("'john doe is john' | replace({'john': 'jane', 'doe': 'roe'})", "jane roe is jane"),
        ("'a1b22' | replace({'[0-9]+': '#'}, regexp=true)", "a#b#"),
        ("'a1' | replace(replace_pairs={'1': 2})", "a2"),
        ("'a1' | replace(replacePairs={'1': 2})", "a2"),
        ("'ab' | replace({'(a)(b)': '$2$1\\$'}, regexp=true)", "ba$"),
        ("\"L'eau\" | escapeChar('shell')", "L'\\''eau"),
        ("'\"Hi\"' | escapeChar('double')", '\\"Hi\\"'),
        ("'a,b,,c,,' | split(',')", '["a","b","","c"]'),
        ("'a,b,,' | split(',', -1)", '["a","b","",""]'),
        ("'a,b,c' | split(',', 2)", '["a","b,c"]'),
        ("'abc' | split('')", '["a","b","c"]'),
        ("'' | split(',')", '[""]'),
        ("'a1b2' | split('[0-9]')", '["a","b"]'),
        ("[3, 1, 2] | sort", "[1,2,3]"),
        ("['b', 'a'] | sort", '["a","b"]'),
        ("['b', 'c'] | rsort", '["c","b"]'),
        ("[1, 2.5, 1] | sort", "[1,1,2.5]"),
        ("'abc' | reverse", "cba"),
        ("[[1], [1], [2], 1, true, 1.0] | distinct", "[[1],[2],1,true,1.0]"),
        ("{'a': 1, 'b': 1} | distinct | length", "2"),
        ("[1, 2, 3] | slice(1)", "[2,3]"),
        ("[1, 2, 3] | slice(0, 2)", "[1,2]"),
        ("{'a': 1} | merge({'b': 2})", '{"a":1,"b":2}'),
        ("{'a': 1} | merge(['b'])", '{"a":1,"b":"b"}'),
        ("null | merge([1])", "[1]"),
        ("[1, [2, [3]]] | flatten", "[1,2,[3]]"),
        ("['x', 'y'] | keys", "[0,1]"),
        ("['x'] | values", '["x"]'),
        ("{'a': 1} | first", '{"a":1}'),
        ("[] | first", ""),
        ("'' | last", ""),
        ("{'a': 1} | length", "1"),
        ("null | length", "0"),
        ("[1, null, 'a'] | join('-')", "1-null-a"),
        ("[] | join(',')", ""),
        ("missing | default('d')", "d"),
        ("missing.more | default('d') | upper", "D"),
        ("'' | default('d')", "d"),
        ("[] | default('d')", "d"),
        ("false | default('d')", "false"),
        ("' ' | default('d')", "d"),
        ("0 | default('d')", "0"),
        ("'12.3' | number | className", "java.lang.Float"),
        ("'12.123456789' | number | className", "java.lang.Double"),
        ("'12.12345678901234567' | number | className", "java.math.BigDecimal"),
        ("'1e40' | number | className", "java.lang.Double"),
        ("'1e400' | number | className", "java.math.BigDecimal"),
        ("'2147483647' | number | className", "java.lang.Integer"),
        ("'2147483648' | number | className", "java.lang.Long"),
        ("'9223372036854775808' | number | className", "java.math.BigInteger"),
        ("'7' | number('LONG') | className", "java.lang.Long"),
        ("'7' | number('BIGINTEGER') | className", "java.math.BigInteger"),
        ("'7' | number('double') | className", "java.lang.Double"),
        ("'7' | number('FLOAT')", "7.0"),
        ("7 | number('BIGDECIMAL') | className", "java.math.BigDecimal"),
        ("7.0 | number('INT') | className", "java.lang.Integer"),
        ("7 | number", "7"),
        ("' 7 ' | number", "7"),
        ("-1.5 | abs", "1.5"),
        ("true | className", "java.lang.Boolean"),
        ("[] | className", "java.util.ArrayList"),
        ("{} | className", "java.util.LinkedHashMap"),
        ("null | className", ""),
        ("'a b&c~*é' | urlencode", "a+b%26c%7E*%C3%A9"),
        ("'The string ü@foo-bar' | urlencode | urldecode", "The string ü@foo-bar"),
        ("'hello world' | regexMatch('^w')", "false"),
        ("'2024-01-15' | regexReplace('(\\d{4})-(\\d{2})-(\\d{2})', '$3/$2/$1')", "15/01/2024"),
        ("'ab' | regexReplace('(?P<x>a)', '[${x}]')", "[a]b"),
        ("'ab' | regexReplace('(a)|(b)', '<$1$2>')", "<a><b>"),
        ("'2024-01-15' | regexExtract('(\\d{4})-(\\d{2})', 2)", "01"),
        ("'x' | regexExtract('y')", ""),
        ("'é1ü2' | regexReplace('[0-9]', '#')", "é#ü#"),
        ("'a\nb' | indent(1, '>>')", "a\n>>b"),
        ("'a\r\nb' | nindent(1)", "\r\n a\r\n b"),
        ("'' | nindent(2)", ""),
        ("1 | nindent(2)", "\n  1"),
        ("'abc' | startsWith('ab')", "true"),
        ("'abc' | endsWith('ab')", "false"),
    ],
)
def test_a_filter_gives(expression, expected):
    assert show("{{ " + expression + " }}") == expected


NULL_TO_NULL = [
    "abs",
    "abbreviate(3)",
    "base64decode",
    "base64encode",
    "capitalize",
    "chunk(1)",
    "className",
    "distinct",
    "escapeChar('single')",
    "first",
    "flatten",
    "indent(1)",
    "jq('.')",
    "join",
    "keys",
    "last",
    "lower",
    "md5",
    "nindent(1)",
    "number",
    "numberFormat('0')",
    "regexExtract('a')",
    "regexReplace('a','b')",
    "replace({})",
    "reverse",
    "rsort",
    "sha1",
    "sha256",
    "sha512",
    "slice(0)",
    "slugify",
    "sort",
    "split(',')",
    "string",
    "substringAfter('a')",
    "substringAfterLast('a')",
    "substringBefore('a')",
    "substringBeforeLast('a')",
    "title",
    "trim",
    "upper",
    "urldecode",
    "urlencode",
    "values",
]


@pytest.mark.parametrize("call", NULL_TO_NULL)
def test_a_filter_leaves_null_alone(call):
    assert value("{{ (null | " + call + ") ?? 'nothing' }}") == ("" if call == "string" else "nothing")


@pytest.mark.parametrize("call", ["startsWith('a')", "endsWith('a')", "regexMatch('a')"])
def test_null_matches_nothing(call):
    assert value("{{ null | " + call + " }}") is False


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("1 | chunk(2)", "`chunk` needs a list, not a number"),
        ("[1] | chunk(0)", "The argument `size` must be 1 or more"),
        ("[1] | chunk('a')", "The argument `size` must be a whole number"),
        ("[1] | chunk(true)", "The argument `size` must be a whole number"),
        ("'a' | escapeChar('foo')", "must be one of 'single', 'double', 'shell'"),
        ("'a' | abbreviate(-1)", "`abbreviate` needs a length of 0 or more"),
        ("'a' | replace('b')", "must be a map"),
        ("1 | join", "`join` needs a list, not a number"),
        ("[1, 'a'] | sort", "have no order"),
        ("[1] | slice(2, 1)", "do not lie within"),
        ("[1] | slice(0, 5)", "do not lie within"),
        ("{} | flatten", "`flatten` needs a list, not a map"),
        ("'a' | keys", "`keys` needs a list, not a text"),
        ("'a' | number", "is not a number"),
        ("'1_000' | number", "is not a number"),
        ("'NaN' | number", "is not a number"),
        ("'9999999999' | number('INT')", "does not fit the type"),
        ("'1.5' | number('LONG')", "is not a number"),
        ("'1' | number('SMALL')", "must be one of INT, FLOAT, LONG"),
        ("[] | number", "`number` needs a text, not a list"),
        ("'" + "1" * 1001 + "' | number", "at most 1000 digits"),
        ("'a' | abs", "`abs` needs a number, not a text"),
        ("'a' | numberFormat('0')", "`numberFormat` needs a number, not a text"),
        ("'%%%' | base64decode", "not valid Base64"),
        ("'a' | regexMatch('(')", "The regular expression `(` is not valid"),
        ("'a' | regexMatch('(?=a)')", "is not valid"),
        ("'a' | regexExtract('a', 3)", "has no such group"),
        ("'a' | regexReplace('a', '$3')", "has no group 3"),
        ("'a' | regexReplace('a', '${x}')", "has no group x"),
        ("'a' | regexMatch('" + "a" * 5000 + "')", "at most 4096 characters"),
        ("'a' | indent(-1)", "must lie between 0 and 1000"),
        ("'a' | startsWith(1)", "The argument `value` must be a text"),
    ],
)
def test_a_filter_says_what_it_cannot_do(expression, message):
    with pytest.raises(EvaluationError) as caught:
        show("{{ " + expression + " }}")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("number", "pattern", "expected"),
    [
        (3.141592653, "#.##", "3.14"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (1234, "#,##0", "1,234"),
        (0, "#", "0"),
        (0, "#.##", "0"),
        (0.5, "#.##", "0.5"),
        (0.5, "0.##", "0.5"),
        (2.5, "0", "2"),
        (3.5, "0", "4"),
        (5, "000", "005"),
        (-5, "0.0", "-5.0"),
        (-5, "0.0;(0.0)", "(5.0)"),
        (0.256, "0.0%", "25.6%"),
        (0.256, "0‰", "256‰"),
        (12345, "0.###E0", "1.234E4"),
        (0.00012, "0.0E00", "1.2E-04"),
        (12345, "##0.##E0", "12.345E3"),
        (0, "0.#E0", "0E0"),
        (5, "$0.00", "$5.00"),
        (5, "¤0", "$5"),
        (5, "'#'0", "#5"),
        (5, "0 'o''clock'", "5 o'clock"),
        (Decimal("123456789012345678901234567890.5"), "#,##0.0", "123,456,789,012,345,678,901,234,567,890.5"),
        (Float32(1.123), "0.0000", "1.1230"),
        (float("nan"), "0", "NaN"),
        (float("-inf"), "0", "-∞"),
        (float("inf"), "0", "∞"),
        (1234.5, "#,##0.###", "1,234.5"),
    ],
)
def test_a_number_is_written_by_a_pattern(number, pattern, expected):
    assert show("{{ n | numberFormat(p) }}", n=number, p=pattern) == expected


def test_a_number_has_a_usual_pattern():
    assert show("{{ 1234.5678 | numberFormat }}") == "1,234.568"


@pytest.mark.parametrize("pattern", ["0#", "#,#0.0.0", "0,", "0.#0", "0E", "'0", "%‰0", "0.0,0", "0" * 300])
def test_a_number_pattern_that_is_none_is_refused(pattern):
    with pytest.raises(ExpressionError, match="number pattern"):
        show("{{ 1 | numberFormat(p) }}", p=pattern)


def test_words_for_times_are_java_classes():
    from datetime import UTC, date, datetime

    from flows.expressions.dates.spelling import Zoned

    given = {
        date(2024, 1, 1): "LocalDate",
        datetime(2024, 1, 1, tzinfo=UTC): "Instant",
        Zoned(2024, 1, 2, tzinfo=UTC): "ZonedDateTime",
        datetime(2024, 1, 1): "LocalDateTime",
    }
    assert all(show("{{ v | className }}", v=each) == f"java.time.{name}" for each, name in given.items())
