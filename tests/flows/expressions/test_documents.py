import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.expressions import Environment, EvaluationError, ExpressionLimitError, Float32, Limits
from flows.expressions.dates.spelling import Zoned
from flows.expressions.documents.yaml_scalars import resolve
from flows.expressions.documents.yaml_writing import LEADING_ZERO
from tests.flows.expressions.showing import show, value


class Level(Enum):
    INFO = "INFO"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"a": 1, "b": [True, None, "x"]}, '{"a":1,"b":[true,null,"x"]}'),
        ({"é": "ü\n\"\\"}, '{"é":"ü\\n\\"\\\\"}'),
        ({2: 1, True: 3.5, None: 4}, '{"2":1,"true":3.5,"null":4}'),
        ([Float32(1.123), 1e10, 0.0001, 1.0], "[1.123,1.0E10,1.0E-4,1.0]"),
        ([Decimal("1.10"), float("nan"), float("-inf")], '[1.10,"NaN","-Infinity"]'),
        ((1, 2), "[1,2]"),
        ({"d": date(2024, 1, 5), "t": time(1, 2)}, '{"d":"2024-01-05","t":"01:02"}'),
        ([Level.INFO, UUID(int=1), b"bytes"], '["INFO","00000000-0000-0000-0000-000000000001","Ynl0ZXM="]'),
        (frozenset({1}), "[1]"),
        ("text", '"text"'),
        (None, "null"),
    ],
)  # fmt: skip
def test_a_value_is_written_as_json(given, expected):
    assert show("{{ v | toJson }}", v=given) == expected


def test_an_object_of_the_program_cannot_be_printed():
    for template in ("{{ v }}", "{{ [v] }}", "{{ v | toIon }}", "{{ v | yaml }}"):
        with pytest.raises(EvaluationError, match="type object cannot be"):
            show(template, v=object())


def test_scalars_print_as_in_java():
    given = [Level.INFO, UUID(int=1), b"b\xff", True, 1.0, 12345678.9, 1e-5, -0.0, 123456.75, Decimal("1E+3")]
    expected = [
        "INFO",
        str(UUID(int=1)),
        '"Yv8="',
        "true",
        "1.0",
        "1.23456789E7",
        "1.0E-5",
        "-0.0",
        "123456.75",
        "1000",
    ]
    assert [show("{{ v }}", v=each) for each in given] == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abé \"'\\:#-", max_size=5), inner, max_size=4),
    max_leaves=12,
)


def without_nulls(given):
    """The same without those entries of maps that are null."""
    if isinstance(given, dict):
        return {key: without_nulls(each) for key, each in given.items() if each is not None}
    return [without_nulls(each) for each in given] if isinstance(given, list) else given


@given(JSON)
def test_json_that_was_written_is_read_back_but_for_null_entries(given):
    assert value("{{ fromJson(v | toJson) }}", v=given) == without_nulls(given)
    assert json.loads(show("{{ v | toJson }}", v=given)) == without_nulls(given)


def as_read(given):
    """The same with the numbers that texts spell, which stand in YAML without quotes."""
    if isinstance(given, dict):
        return {key: as_read(each) for key, each in given.items()}
    if isinstance(given, list):
        return [as_read(each) for each in given]
    found = resolve(given) if isinstance(given, str) and given and not LEADING_ZERO.fullmatch(given) else given
    return found if isinstance(found, int | float) and not isinstance(found, bool) else given


@given(JSON)
def test_yaml_that_was_written_is_read_back_but_for_numbers_in_texts(given):
    assert value("{{ yaml(v) }}", v=value("{{ [v] | yaml }}", v=given)) == [as_read(given)]


@given(JSON)
def test_ion_that_was_written_is_read_back(given):
    assert value("{{ fromIon(v | toIon) }}", v=given) == given


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "Invalid JSON: Expecting property name enclosed in double quotes at line 1, column 2"),
        ("[1,\n 2", "at line 2"),
        ("NaN", "NaN is not a JSON number"),
        ("9" * 5000, "Invalid JSON: a number has too many digits"),
        ("[" * 200, "nests deeper than"),
        ('["[[[[", ' + "[" * 200, "nests deeper than"),
    ],
)
def test_json_that_cannot_be_read_is_an_error(text, message):
    with pytest.raises(EvaluationError) as caught:
        show("{{ fromJson(v) }}", v=text)
    assert message in str(caught.value)


def test_brackets_inside_texts_are_no_depth():
    text = json.dumps(["[" * 300, "]{"])
    assert value("{{ fromJson(v) }}", v=text)[1] == "]{"
    assert value("{{ fromJson(v) | length }}", v=json.dumps([[]] * 300)) == 300


def test_what_is_read_already_is_handed_on():
    assert value("{{ fromJson(v) }}", v={"a": 1}) == {"a": 1}
    assert value("{{ fromJson(v) }}", v=None) is None
    assert value("{{ yaml(v) }}", v=None) is None
    assert value("{{ fromIon(v) }}", v=None) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: NO", {"a": False}),
        ("a: 012", {"a": 10}),
        ("a: 22:22", {"a": "22:22"}),
        ("a: 1_000", {"a": 1000}),
        ("a: 1e3", {"a": 1000.0}),
        ("a: 0x1F", {"a": 31}),
        ("a: .5", {"a": 0.5}),
        ("a: 2024-01-05", {"a": "2024-01-05"}),
        ("a: true\nb: False\nc: yes", {"a": True, "b": False, "c": True}),
        ("a: ~\nb:\nc: null", {"a": None, "b": None, "c": None}),
        ("a: &x {k: 1}\nb: *x", {"a": {"k": 1}, "b": {"k": 1}}),
        ("no: 1\n012: x", {"no": 1, "012": "x"}),
        ("a:\n  <<: {b: 1}", {"a": {"<<": {"b": 1}}}),
        ("- 1\n- two\n", [1, "two"]),
        ("", None),
        ("just text", "just text"),
    ],
)
def test_yaml_means_what_it_says(text, expected):
    assert value("{{ yaml(v) }}", v=text) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("string", "string\n"),
        (1, "1\n"),
        (Float32(1.123), "1.123\n"),
        (True, "true\n"),
        (None, "null"),
        ("", '--- ""\n'),
        (["string", 1, Float32(1.123)], " - string\n - 1\n - 1.123\n"),
        ({"a": {"b": [1, {"c": 2}]}}, "a:\n  b:\n   - 1\n   -\n    c: 2\n"),
        ({"a": "1", "y": "yes", "t": "true", "e": "", "d": "2024-01-05"}, 'a: 1\n"y": "yes"\nt: "true"\ne: ""\nd: 2024-01-05\n'),
        ({"text": "two\nlines\n"}, "text: |\n  two\n  lines\n"),
        ({"é": "ü"}, "é: ü\n"),
        ([date(2024, 1, 5), Decimal("1.5")], " - 2024-01-05\n - 1.5\n"),
        ({"long": "word " * 40 + "end"}, "long: " + "word " * 40 + "end\n"),
    ],
)  # fmt: skip
def test_a_value_is_written_as_yaml(given, expected):
    assert show("{{ v | yaml }}", v=given) == expected


def test_the_yaml_filter_writes_a_text_as_a_text():
    assert show("{{ 'foo: bar' | yaml }}") == '"foo: bar"\n'
    assert show("{{ {'key': 'value'} | yaml | indent(2) }}") == "key: value\n  "


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: b: c", "Invalid YAML: mapping values are not allowed in this context at line 1"),
        ("!!python/object/apply:os.system [id]", "Invalid YAML"),
        ("[" * 60, "The YAML nests deeper than"),
        ("{? [a] : b}", "Invalid YAML"),
        ("a: \x01", "Invalid YAML"),
        ("a: *nothing", "Invalid YAML"),
    ],
)
def test_yaml_that_cannot_be_read_is_an_error(text, message):
    with pytest.raises(EvaluationError) as caught:
        show("{{ yaml(v) }}", v=text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"a": [1, "x", None, True]}, '{a:[1,"x",null,true]}'),
        ({"a b": 1, "null": 2, "it's": 3}, "{'a b':1,'null':2,'it\\'s':3}"),
        ({1: 2}, "{'1':2}"),
        (Float32(1.123), "1.1230000257492065e0"),
        (1e300, "1e+300"),
        (Decimal("1.5"), "1.5"),
        (Decimal("1E+5"), "1d5"),
        (float("inf"), "+inf"),
        (float("nan"), "nan"),
        (date(2024, 1, 5), "2024-01-05"),
        (time(1, 2), 'LocalTime::"01:02:00"'),
        (timedelta(minutes=1), "60.000000000"),
        (datetime(2024, 1, 5), 'LocalDateTime::"2024-01-05T00:00:00"'),
        (datetime(2024, 1, 5, tzinfo=UTC), "2024-01-05T00:00:00.000Z"),
        (Zoned(2024, 1, 5, tzinfo=UTC), 'ZonedDateTime::"2024-01-05T00:00:00Z"'),
        (datetime(2024, 1, 5, tzinfo=ZoneInfo("Europe/Paris")), 'ZonedDateTime::"2024-01-05T00:00:00+01:00[Europe/Paris]"'),
    ],
)  # fmt: skip
def test_a_value_is_written_as_ion(given, expected):
    assert show("{{ v | toIon }}", v=given) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{a: 1, 'b c': two, \"d\": [1., 2.5e0, 3d2]}", {"a": 1, "b c": "two", "d": [Decimal("1"), 2.5, Decimal("3E+2")]}),
        ("// note\n/* more */ null.string", None),
        ("null", None),
        ("[true, false, nan]", [True, False, float("nan")]),
        ("(a b 1)", ["a", "b", 1]),
        ("'''two ''' '''parts'''", "two parts"),
        (r'"a\n\t\x41\u00e9\U0001F600\"\\"', 'a\n\tAé\U0001F600"\\'),
        ("note::{a:1}", {"a": 1}),
        ("'a note'::[1,]", [1]),
        ("0x1F", 31),
        ("-0b101", -5),
        ("1_000", 1000),
        ("+inf", float("inf")),
        ("2024-01-05", date(2024, 1, 5)),
        ("2024T", date(2024, 1, 1)),
        ("2024-06T", date(2024, 6, 1)),
        ("2024-01-05T01:02:03.5Z", datetime(2024, 1, 5, 1, 2, 3, 500_000, UTC)),
        ("{{aGVsbG8=}}", "hello"),
        ('{{"clob"}}', "clob"),
        ("'quoted symbol'", "quoted symbol"),
        ("1 2 3", 1),
        ("", None),
    ],
)  # fmt: skip
def test_ion_is_read(text, expected):
    found = value("{{ fromIon(v) }}", v=text)
    assert repr(found) == repr(expected)


def test_all_rows_of_an_ion_text():
    assert value("{{ fromIon(v, allRows=true) }}", v="{a:1}\n{a:2}\n") == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    "text", ["{", "[1 2]", "{a}", "{1:2}", "{a:1 b:2}", "]", "§", "1d99999999", "9" * 2000, "{{#}}", "2024-13-01", "(" * 200, "a::"]
)  # fmt: skip
def test_ion_that_cannot_be_read_is_an_error(text):
    with pytest.raises(EvaluationError):
        show("{{ fromIon(v) }}", v=text)


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (".a[1]", "[2]"),
        (".b", "[null]"),
        (".a[]", "[1,2]"),
        (".a | .[0]", "[1]"),
        ('."c d".e', '["x"]'),
        (".a[-1]?", "[2]"),
        (".", '[{"a":[1,2],"c d":{"e":"x"},"f":1.123}]'),
        (".f", "[1.123]"),
        (".a[][]?", "[]"),
        (".a[]?", "[1,2]"),
        (".nothing.more[0]", "[null]"),
        (".a[7]", "[null]"),
        (".a[-1]", "[2]"),
        ('.["c d"]["e"]', '["x"]'),
        (".f.x?", "[]"),
        (". | . | .f", "[1.123]"),
        (".a|.[]", "[1,2]"),
        ("[.a]", "[[[1,2]]]"),
        (".. | numbers | select(. > 1.5)", "[2]"),
        (".a | map(. * 2)", "[[2,4]]"),
        ("reduce .a[] as $n (0; . + $n)", "[3]"),
        (".a[] | select(. > 1)", "[2]"),
        ("[.f]", "[[1.123]]"),
        ("{k: .f}", '[{"k":1.123}]'),
        ("empty", "[]"),
        ("env | .HOME", "[null]"),
    ],
)
def test_jq_gives_every_result_in_a_list(program, expected):
    given = {"a": [1, 2], "c d": {"e": "x"}, "f": Float32(1.123)}
    assert show("{{ v | jq(p) }}", v=given, p=program) == expected


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("s", "java.lang.String"),
        (1, "java.lang.Integer"),
        (Float32(1.123), "java.lang.Float"),
        (1.5, "java.lang.Double"),
    ],
)
def test_types_go_through_jq(given, name):
    assert show("{{ v | jq('.a') | first | className }}", v={"a": given}) == name


@pytest.mark.parametrize("program", [".n", "[.n] | .[0]", ".n | values"])
@pytest.mark.parametrize("number", [9007199254740993, 1234567890123456789012345, -9007199254740995])
def test_numbers_that_are_no_doubles_go_through_jq(program, number):
    assert show("{{ v | jq(p) }}", v={"n": number}, p=program) == f"[{number}]"


def test_dates_are_texts_and_durations_seconds_for_jq():
    given = {"at": datetime(2024, 1, 5, tzinfo=UTC), 1: timedelta(minutes=1)}
    assert show("{{ v | jq('.at') }}{{ v | jq('.[\"1\"]') }}", v=given) == '["2024-01-05T00:00:00.000000Z"][60.0]'


def test_jq_reads_a_text_as_json():
    assert show("{{ v | jq('.a') | first }}", v='{"a": "b"}') == "b"
    assert show("{{ v | jq('.') }}", v=None) == ""


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (".a.b", 'Cannot index number with "b"'),
        (".t[0]", "Cannot index string with number"),
        (".b[]", "Cannot iterate over boolean"),
        (".n[]", "Cannot iterate over null"),
        (".l.x", 'Cannot index array with "x"'),
        (".[0]", "Cannot index object with number"),
    ],
)
def test_a_path_that_makes_no_sense_is_an_error(program, message):
    with pytest.raises(EvaluationError) as caught:
        show("{{ v | jq(p) }}", v={"a": 1, "t": "x", "b": True, "n": None, "l": []}, p=program)
    assert message in str(caught.value)


@pytest.mark.parametrize("program", [".[.a.b", 'error("no")', ". as [$a] | $b", ".a.b | ."])
def test_jq_tells_what_it_refuses(program):
    with pytest.raises(EvaluationError, match="The jq program cannot be used"):
        show("{{ v | jq(p) }}", v={"a": 1}, p=program)


def test_jq_goes_on_after_a_program_was_stopped():
    with pytest.raises(ExpressionLimitError):
        show("{{ [1] | jq('repeat(.)') }}")
    assert show("{{ [1] | jq('map(. + 1)') }}") == "[[2]]"


@pytest.mark.parametrize(
    "program",
    [
        "def f: f; f",
        "def f: [f]; f",
        '[limit(100000000; repeat("aaaaaaaaaaaaaaaa"))]',
        'repeat("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")',
        "last(range(1e12))",
        "until(false; .)",
        "[recurse(1; true)]",
    ],
)
def test_no_jq_program_runs_away(program):
    with pytest.raises(ExpressionLimitError):
        show("{{ {} | jq(p) }}", Environment(limits=Limits(output_bytes=100_000)), p=program)


def test_jq_makes_no_more_output_than_allowed():
    with pytest.raises(ExpressionLimitError):
        show("{{ {} | jq('[range(100000)] | tojson') }}", Environment(limits=Limits(output_bytes=1000)))
