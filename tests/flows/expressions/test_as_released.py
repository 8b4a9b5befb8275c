"""The language as release 2.0.0 speaks it, kind by kind: what flows in the wild were written against."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from flows.expressions import EvaluationError, Float32, is_tainted, taint
from flows.expressions.dates.spelling import Zoned
from tests.flows.expressions.showing import show, value

PARIS = datetime(2024, 7, 1, 9, 8, 7, tzinfo=ZoneInfo("Europe/Paris"))
SCOPE = {
    "t": True, "f": False, "n": None, "s": "hello", "ten": "10", "i": 7, "d": 2.5, "l": [3, 1, 2],
    "m": {"a": 1, "n": None, "l": [None, {"x": None, "y": 1}]}, "f32": Float32(1.5), "bd": Decimal("1.10"),
    "at": datetime(2024, 2, 29, 13, 14, 15, tzinfo=UTC), "paris": PARIS, "day": date(2024, 2, 29),
    "offset": datetime.fromisoformat("2024-07-01T09:08:07+05:30"), "long": timedelta(minutes=90), "wide": "a😀b",
}  # fmt: skip


def shown(expression, **more):
    return show("{{ " + expression + " }}", **{**SCOPE, **more})


CASES = {
    "`not` takes only its operand": [
        ("not t and f", "false"),
        ("not t or t", "true"),
        ("not t == f", "true"),
        ("not s is empty", "true"),
        ("not l contains 9", "true"),
        ("f or not f and not f", "true"),
    ],
    "a range that ends before it begins is empty": [
        ("range(1, 0)", "[]"),
        ("4..1", "[]"),
        ("range(3, 0, -1)", "[3,2,1,0]"),
        ("range('a', 'c')", '["a","b","c"]'),
        ("'c'..'a'", "[]"),
    ],
    "null entries of maps are left out where JSON is written": [
        ("m", '{"a":1,"l":[null,{"y":1}]}'),
        ("m | toJson", '{"a":1,"l":[null,{"y":1}]}'),
        ("m | jq('.') | first | length", "2"),
        ("m | length", "3"),
        ("m | toIon", "{a:1,n:null,l:[null,{x:null,y:1}]}"),
        ("{'x': n} | yaml", "x: null\n"),
        ("m ~ ''", "{a=1, n=null, l=[null, {x=null, y=1}]}"),
    ],
    "`number` picks the kind that loses nothing": [
        ("'123456.789' | number", "123456.789"),
        ("'123456.789' | number | className", "java.lang.Double"),
        ("'1.5' | number | className", "java.lang.Float"),
        ("'1.12345678901234567' | number | className", "java.math.BigDecimal"),
        ("'012' | number", "10"),
        ("'0x1F' | number", "31"),
        ("'1L' | number | className", "java.lang.Long"),
        ("'1.5f' | number | className", "java.lang.Float"),
        ("'1.5d' | number | className", "java.lang.Double"),
        ("'-0' | number", "0"),
    ],
    "`numberFormat` is DecimalFormat": [
        ("0.5 | numberFormat('#.##')", "0.5"),
        ("2.675 | numberFormat('0.00')", "2.67"),
        ("0.125 | numberFormat('0.00')", "0.12"),
        ("f32 | numberFormat('0.0')", "1.5"),
        ("0.5 | numberFormat(\"0'%'\")", "0%"),
        ("0.256 | numberFormat('0.#%')", "25.6%"),
        ("5 | numberFormat('0.')", "5."),
        ("-0.4 | numberFormat('0')", "-0"),
        ("5 | numberFormat('¤¤0')", "USD5"),
        ("12345 | numberFormat('##0.##E0')", "12.345E3"),
        ("-5 | numberFormat('0;(0)')", "(5)"),
    ],
    "weeks follow the locale": [
        ("'2024-12-29' | date('YYYY ww e')", "2025 01 1"),
        ("'2024-12-29' | date('YYYY ww e', locale='fr_FR')", "2024 52 7"),
        ("'2024-12-29' | date('YYYY ww e', locale='fr')", "2025 01 1"),
        ("'2024-06-01' | date('W c', locale='de_DE')", "0 6"),
        ("'2024-06-01' | date('W c', locale='ar_EG')", "1 1"),
    ],
    "`isIn` compares texts, and null is not defined": [
        ("i isIn ['7']", "true"),
        ("1.0 isIn [1]", "false"),
        ("t isIn ['true']", "true"),
        ("n isIn ['null']", "false"),
        ("n is defined", "false"),
        ("m.n is defined", "false"),
        ("s is defined", "true"),
    ],
    "a backslash in a literal stays, but before the quote": [
        (r"'a\\b' | length", "4"),
        (r"'\n' | length", "2"),
        (r"'it\'s'", "it's"),
        (r"'\"'", r"\""),
        (r"""fromJson('{"re":"\\d+"}').re""", r"\d+"),
        (r"""['a b'] | jq('.[0] | gsub("\\s"; "_")') | first""", "a_b"),
        (r"'a.b' | split('\\.') | length", "1"),
        (r"'a.b' | split('\.') | length", "2"),
        (r"p | split('\\')", r'["C:","dir"]'),
        (r"'a1' | regexReplace('\\d', '<$0>')", "a1"),
        (r"'a1' | regexReplace('\d', '<$0>')", "a<1>"),
    ],
    "`??`, `???` and `isIn` bind like `==`": [
        ("s ?? 'b' ~ 'c'", "hello"),
        ("'x' ~ missing ?? 'd'", "d"),
        ("missing ?? 1 == 1", "true"),
        ("i ?? 1 == 1", "false"),
        ("missing == 1 ?? 'd'", "d"),
        ("missing ?? 1 + 2", "3"),
    ],
    "texts compute where they spell numbers": [
        ("ten - 1", "9"),
        ("ten * '2.5'", "25.0"),
        ("ten / 4", "2"),
        ("'1e3' % 7", "6.0"),
        ("ten + 1", "101"),
        ("'10' < '9'", "true"),
        ("'YQ' | base64decode", "a"),
        ("-ten", "-10"),
    ],
    "texts, lists and dates have the methods that flows use": [
        ("s.replace('l', 'L')", "heLLo"),
        ("s.split('l')", '["he","","o"]'),
        ("s.substring(1, 3)", "el"),
        ("s.indexOf('l') ~ s.lastIndexOf('l')", "23"),
        ("s.equalsIgnoreCase('HELLO')", "true"),
        ("s.matches('h.*')", "true"),
        ("s.replaceAll('l+', '<$0>') ~ s.replaceFirst('l', '')", "he<ll>ohelo"),
        ("s.concat('!').strip().isBlank()", "false"),
        ("s.empty", "false"),
        ("l.first ~ l.last ~ l.reversed()", "32[2, 1, 3]"),
        ("at.epochSecond", "1709212455"),
        ("paris.year ~ paris.dayOfWeek", "2024MONDAY"),
        ("paris.plusDays(1).minusHours(2)", "2024-07-02T07:08:07+02:00[Europe/Paris]"),
        ("day.plusMonths(12)", "2025-02-28"),
        ("long.toMinutes()", "90"),
        ("i.toString().length()", "1"),
        ("m.containsKey('a')", "true"),
        ("m.entrySet()", '[{"a":1},{},{"l":[null,{"y":1}]}]'),
    ],
    "dates are read smartly": [
        ("'2024-02-30' | date('yyyy-MM-dd', existingFormat='yyyy-MM-dd')", "2024-02-29"),
        ("'2024-W03-1' | date('yyyy-MM-dd', existingFormat='iso_week_date')", "2024-01-15"),
        ("'2024-015' | date('yyyy-MM-dd', existingFormat='iso_ordinal_date')", "2024-01-15"),
        ("at | date('iso_milli')", "2024-02-29T13:14:15.000Z"),
        ("at | date('sql_milli')", "2024-02-29 13:14:15.000"),
        ("at | date('sql_sec')", "2024-02-29 13:14:15"),
        ("day | date('sql_sec')", "2024-02-29 12:00:00"),
        ("'2024-03-10T02:30:00' | date('HH:mm XXX', timeZone='America/New_York')", "03:30 -04:00"),
        ("1709212455000000 | date('sql_sec')", "2024-02-29 13:14:15"),
        ("1709212455000000000 | date('sql_sec')", "2024-02-29 13:14:15"),
    ],
    "lists and maps among texts are Java's": [
        ("l ~ ''", "[3, 1, 2]"),
        ("{'id': 1} | string", "{id=1}"),
        ("[1, n, 'a'] | join('-')", "1-null-a"),
        ("['a'] | upper", "[A]"),
        ("l + 'x'", "[3, 1, 2]x"),
        ("[[]] ~ {}", "[[]]{}"),
    ],
    "YAML, Ion and JSON are written as the library writes them": [
        ("['a', {'b': ['1', 'on']}] | yaml", ' - a\n -\n  b:\n   - 1\n   - "on"\n'),
        ("'foo: bar' | yaml", '"foo: bar"\n'),
        ("['😀', '012', ' x'] | yaml", " - 😀\n - '012'\n - ' x'\n"),
        ("at | toIon", "2024-02-29T13:14:15.000Z"),
        ("day | toIon", "2024-02-29"),
        ("paris | toJson", '"2024-07-01T07:08:07.000000Z"'),
        ("offset | toJson", '"2024-07-01T03:38:07Z"'),
        ("long | toJson", "5400.000000000"),
        ("[at] | yaml", " - 2024-02-29T13:14:15.000000Z\n"),
    ],
    "names come from CLDR": [
        ("paris | date('full', timeZone='Europe/Paris')", "Monday, July 1, 2024, 9:08:07\u202fAM Central European Summer Time"),
        ("paris | date('QQQQ MMMM', locale='pl')", "III kwartał lipca"),
        ("paris | date('LLLL EEEE', locale='fi')", "heinäkuu maanantaina"),
        ("paris | date('z v', timeZone='America/New_York')", "EDT ET"),
        ("paris | date('zzzz', timeZone='Asia/Tokyo', locale='de')", "Japanische Normalzeit"),
        ("paris | date('z', timeZone='Asia/Kathmandu')", "GMT+05:45"),
        ("paris | date('zzzz', timeZone='EST5EDT')", "Eastern Daylight Time"),
    ],
    "small things": [
        ("'HELLO' | abbreviate(5)", "HE..."),
        ("'a_b' | slugify", "a-b"),
        ("wide | length", "4"),
        ("wide | slice(0, 1)", "a"),
        ("(i + 1) | className", "java.lang.Long"),
        ("s | first | className", "java.lang.Character"),
        ("paris | className", "java.time.ZonedDateTime"),
        ("5 | length", "0"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("expression", "expected"), [case for cases in CASES.values() for case in cases])
def test_an_expression_is_answered_as_released(expression, expected):
    assert shown(expression, p=r"C:\dir") == expected


def test_a_loop_over_null_runs_neither_its_body_nor_its_else():
    assert show("[{% for x in n %}a{% else %}b{% endfor %}]", n=None) == "[]"
    assert show("[{% for x in n %}a{% else %}b{% endfor %}]", n=[]) == "[b]"


def test_methods_are_on_a_list_and_nothing_else_of_a_value_is_reached():
    for expression in (
        "s.__class__",
        "s.encode()",
        "s.getClass()",
        "at.tzinfo",
        "l.append(1)",
        "m.clear()",
        "s.format",
    ):
        with pytest.raises(EvaluationError):
            shown(expression)


def test_a_zone_that_is_known_by_its_offset_alone_is_a_date_of_its_own():
    given = Zoned(2024, 1, 2, tzinfo=UTC)
    assert show("{{ v | toIon }} {{ v | className }}", v=given) == (
        'ZonedDateTime::"2024-01-02T00:00:00Z" java.time.ZonedDateTime'
    )


@pytest.mark.parametrize(
    ("expression", "own"),
    [
        ("{'b': 1, 'a': 2}", '{"b":1,"a":2}'),
        ("[1, 2] contains 1", "true"),
        ("9223372036854775807 + 1", "9223372036854775808"),
        ("('123456789012345678901234567890.123' | number('BIGDECIMAL')) + 1", "123456789012345678901234567891.123"),
        ("12345678901234567890123 | jq('. * 2') | first", "2.4691357802469135E22"),
        ("'😀A' | toJson | jq('ascii_downcase') | first", "😀a"),
        ("('a,b' | split(',')) | className", "java.util.ArrayList"),
        ("isPublicHoliday('2024-10-14', 'US')", "true"),
        ("isPublicHoliday('2024-02-12', 'JP')", "true"),
        ("isPublicHoliday('2024-12-24', 'SE')", "false"),
        ("'A' | regexMatch('[[:alpha:]]')", "true"),
        ('yaml("a: &x 1\nb: *x")', '{"a":1,"b":1}'),
        ("'1E+3' | number('BIGDECIMAL')", "1000"),
    ],
)
def test_what_differs_on_purpose_has_our_own_value(expression, own):
    assert shown(expression) == own


@pytest.mark.parametrize(
    "expression",
    [
        "'foobar' | regexMatch('foo(?=bar)')",
        "'aa' | regexMatch('(a)\\1')",
        "yaml('a: 1\n---\nb: 2')",
        "'9999-12-31' | dateAdd(1, 'DAYS')",
    ],
)
def test_what_is_refused_on_purpose_says_so(expression):
    with pytest.raises(EvaluationError):
        shown(expression)


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("1 + 1", int),
        ("'7' | number('LONG')", int),
        ("'7' | number('BIGINTEGER')", int),
        ("s | first", str),
        ("m | first", dict),
    ],
)
def test_what_leaves_the_language_is_of_a_kind_that_every_encoder_knows(expression, kind):
    found = value("{{ " + expression + " }}", **SCOPE)
    assert type(found) is kind
    assert type(value("{{ {'a': [" + expression + "]} }}", **SCOPE)["a"][0]) is kind


def test_a_secret_that_leaves_the_language_is_still_marked():
    assert is_tainted(value("{{ [x] }}", x=taint("hunter2")))
