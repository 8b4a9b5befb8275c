"""The jq language: every kind of program, as release 1.6 of it answers."""

import pytest

from flows.expressions import EvaluationError
from tests.flows.expressions.showing import show, value

GIVEN = {"a": [1, 2.5, {"b": "x"}], "t": "Hello, Wörld", "m": {"k": 1, "l": [3, 1, 2]}, "z": 0, "f": False}


def run(program, given=GIVEN):
    return value("{{ v | jq(p) }}", v=given, p=program)


@pytest.mark.parametrize(
    ("program", "results"),
    [
        (".a[0, 1]", [1, 2.5]),
        (".a[1:]", [[2.5, {"b": "x"}]]),
        ('."t"[:5]', ["Hello"]),
        (".m | .k, .nothing.deeper", [1, None]),
        ('.m["k"]', [1]),
        ("[.a[].b?]", [["x"]]),
        (".a[2] | keys, length", [["b"], 1]),
        ("[..] | length", [15]),
        ('{(.t): .z, "k\\(.z)": 1, f}', [{"Hello, Wörld": 0, "k0": 1, "f": False}]),
        ("{a: (1, 2), b: 3 | . + 1}", [{"a": 1, "b": 4}, {"a": 2, "b": 4}]),
        ('"\\(.m.k) and \\(.m.l | add)"', ["1 and 6"]),
    ],
)
def test_steps_and_constructions(program, results):
    assert run(program) == results


@pytest.mark.parametrize(
    ("program", "results"),
    [
        ("1 + 2 * 3 - 4 / 2", [5]),
        ("7 % -3, -7 % 3, 5.5 % 2", [1, -1, 1]),
        ("1 / 4, 10 / 5", [0.25, 2]),
        ('"ab" * 2, "ab" * 0, ("a,b" / ",")', ["abab", None, ["a", "b"]]),
        ("[3, 1, 3] - [3], [1] + [2]", [[1], [1, 2]]),
        ("{a: {b: 1}} * {a: {c: 2}}", [{"a": {"b": 1, "c": 2}}]),
        ("null + 1, -(2), -1.5", [1, -2, -1.5]),
        ("9007199254740993 + 1", [9007199254740994]),
        ("1 == 1.0, [1] < [1, 0], {} < [], null < false", [True, True, False, True]),
        ('.f // "d", .nothing // 1, (empty // 2), .z // 3', ["d", 1, 2, 0]),
        (".f and error, .z or error, (true, false | not)", [False, True, False, True]),
        ("if .f then 1 elif .z then 2 else 3 end, (if .f then 1 end | .t)", [2, "Hello, Wörld"]),
    ],
)
def test_operators(program, results):
    assert run(program) == results


@pytest.mark.parametrize(
    ("program", "results"),
    [
        (". as {a: [$x, $y], $m} | [$x, $y, $m.k]", [[1, 2.5, 1]]),
        (".m.l as [$a] ?// $a | $a", [3]),
        ("reduce .m.l[] as $x (0; . + $x)", [6]),
        ("[foreach .m.l[] as $x (0; . + $x; [$x, .])]", [[[3, 3], [1, 4], [2, 6]]]),
        ("def f(g; $n): g + $n; f(.z; 2, 3)", [2, 3]),
        ("def fac: if . < 2 then 1 else . * (. - 1 | fac) end; 10 | fac", [3628800]),
        ("label $out | .m.l[] | if . == 1 then break $out else . end", [3]),
        ('try error("x") catch ., [.a[] | try .b catch "no"]', ["x", ["no", "no", "x"]]),
        ("[limit(3; 1 | repeat(.))], first(range(9)), [range(0; 10; 4)]", [[1, 1, 1], 0, [0, 4, 8]]),
        ("[.z | while(. < 3; . + 1)], (.z | until(. > 4; . + 2))", [[0, 1, 2], 6]),
    ],
)
def test_bindings_functions_and_control(program, results):
    assert run(program) == results


@pytest.mark.parametrize(
    ("program", "results"),
    [
        (".m.l[1] = 9 | .m.l", [[3, 9, 2]]),
        (".m.k |= . + 1 | .m.k", [2]),
        (".m.l |= map(select(. > 1)) | .m.l", [[3, 2]]),
        (".m.l[] += 1 | .m.l", [[4, 2, 3]]),
        ("(.m.l[] | select(. > 1)) = 0 | .m.l", [[0, 1, 0]]),
        (".new.list[2] = 1 | .new", [{"list": [None, None, 1]}]),
        (".m.l[:2] = [7] | .m.l", [[7, 2]]),
        ("del(.m.l[0, 2]) | .m.l", [[1]]),
        ("del(.a, .t, .m) | keys", [["f", "z"]]),
        (".m | to_entries | map(.key)", [["k", "l"]]),
        (".m | with_entries(.key |= ascii_upcase) | keys", [["K", "L"]]),
        ('[paths(type == "number")] | length', [7]),
        ("[leaf_paths] | length", [10]),
    ],
)
def test_paths_and_assignments(program, results):
    assert run(program) == results


@pytest.mark.parametrize(
    ("program", "shown"),
    [
        ("4.5 | floor, round, ceil", "[4.0,5.0,5.0]"),
        ("9 | sqrt, . / 3", "[3.0,3]"),
        ("1.0, 1.0 + 0, 1e3", "[1.0,1,1000.0]"),
        ("pow(2; 7), (8 | cbrt), (100 | log10)", "[128,2.0,2.0]"),
        ("3.0, 1e-5, 1.5 | tostring", '["3","1.0e-5","1.5"]'),
        ('"1e3", " 5 " | tonumber', "[1000,5]"),
        ("[nan] | sort", '[["NaN"]]'),
    ],
)
def test_numbers_keep_the_kind_that_the_reference_gives_them(program, shown):
    assert show("{{ v | jq(p) }}", v=GIVEN, p=program) == shown


@pytest.mark.parametrize(
    ("program", "results"),
    [
        ("[3, 1, 2] | sort, min, max, add, reverse, unique", [[1, 2, 3], 1, 3, 6, [2, 1, 3], [1, 2, 3]]),
        ("[{a: 2, b: 1}, {a: 1, b: 2}] | sort_by(.a)[0].b, (group_by(.a) | length), max_by(.a).b", [2, 2, 1]),
        ("[[1, [2]], 3] | flatten, flatten(1)", [[1, 2, 3], [1, [2], 3]]),
        ("[1, 2, 1] | index(1), rindex(1), indices(1)", [0, 2, [0, 2]]),
        ("[[1, 2], [3]] | transpose, [combinations]", [[[1, 3], [2, None]], [[1, 3], [2, 3]]]),
        ("{a: [1, {b: 2}]} | contains({a: [{b: 2}]}), (.a | inside([1, {b: 2}, 3]))", [True, True]),
        ('["a", 1, null] | join("-"), any, all', ["a-1-", True, False]),
        ('[1, [2]] | walk(if type == "number" then . + 1 else . end)', [[2, [3]]]),
        ("nth(1; 5, 6, 7), nth(9; 5, 6), last(5, 6), isempty(empty)", [6, 6, 6, True]),
    ],
)
def test_lists(program, results):
    assert run(program) == results


@pytest.mark.parametrize(
    ("program", "results"),
    [
        ('.t | test("w"; "i"), test("^H"), ascii_downcase, utf8bytelength', [True, True, "hello, wörld", 13]),
        ('.t | sub("l"; "L"), gsub("(?<x>[A-Z])"; "<\\(.x)>")', ["HeLlo, Wörld", "<H>ello, <W>örld"]),
        ('.t | [match("l+"; "g").string], capture("(?<first>.)"), [scan("o|ö")]', [["ll", "l"], {"first": "H"}, ["o", "ö"]]),
        ('.t | split(", "), [splits("l+")], startswith("He"), ltrimstr("Hello, "), ltrimstr(1)',
         [["Hello", "Wörld"], ["He", "o, Wör", "d"], True, "Wörld", "Hello, Wörld"]),
        ('"<&\'\\">" | @html, @uri, @sh, @base64, (@base64 | @base64d)',
         ["&lt;&amp;&#39;&quot;&gt;", "%3C%26'%22%3E", "'<&'\\''\">'", "PCYnIj4=", "<&'\">"]),
        ('["a\\tb", 1, null] | @tsv, @csv', ["a\\tb\t1\t", '"a\tb",1,']),
        ("1709211845 | todate, (todate | fromdate), gmtime[0], (gmtime | mktime)",
         ["2024-02-29T13:04:05Z", 1709211845, 2024, 1709211845]),
        ('"2024-02-29" | strptime("%Y-%m-%d") | mktime | strftime("%d.%m.%Y")', ["29.02.2024"]),
        ('"a\\u00e9\\ud83d\\ude00" | explode, length, (explode | implode)', [[97, 233, 128512], 3, "aé😀"]),
        ("tojson | fromjson | .z", [0]),
    ],
)  # fmt: skip
def test_texts_formats_and_dates(program, results):
    assert run(program) == results


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (".a.b", 'Cannot index array with "b"'),
        (".z[]", "Cannot iterate over number"),
        ("nothing(1)", "nothing/1 is not defined"),
        ("{a: 1} - 1", "cannot be subtracted"),
        ("1 / 0", "divisor is zero"),
        ("path(1)", "Invalid path expression"),
        ("(1, 2) = 3", "Invalid path expression"),
        ("$missing", "$missing is not defined"),
        ("[1, 2", "syntax error"),
        ("if 1 then 2", "syntax error"),
        ('"open', "never closed"),
        ("{(1): 2}", "Object keys must be strings"),
        ("error", "(not a string)"),
        ("halt", "cannot halt"),
        ('test("(")', "cannot be used by test"),
        ('.t | test("(")', "is not a valid regex"),
        ("@nope", "nope is not a valid format"),
    ],
)
def test_what_a_program_cannot_do_is_said(program, reason):
    with pytest.raises(EvaluationError) as caught:
        run(program)
    assert "The jq program cannot be used" in str(caught.value)
    assert reason in str(caught.value)


def test_null_entries_of_maps_are_not_seen():
    assert run("keys, [.[]]", {"a": None, "b": [None, 1]}) == [["b"], [[None, 1]]]


def test_long_programs_and_deep_values_need_no_deep_stack():
    assert run(" | ".join(["."] * 100)) == [GIVEN]
    assert run("+".join(["1"] * 200)) == [200]
    assert run("[recurse(if . < 3000 then . + 1 else empty end)] | length", 1) == [3000]
