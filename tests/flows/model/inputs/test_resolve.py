"""Inputs become typed values, or errors in the words people know."""

from __future__ import annotations

from typing import Any

import pytest

from flows.expressions import Environment
from flows.model.errors import FlowInvalid
from flows.model.inputs.definitions import Input
from flows.model.inputs.ports import NO_KEEPERS, Keepers, Upload
from flows.model.inputs.resolve import InvalidInputs, Resolved, resolve_inputs
from flows.model.reading.read import read_model
from flows.model.reading.session import Reading
from plugins.catalog.registry import Registry

KEEPERS = Keepers(lambda name, upload: f"kestra:///{name}/{upload.name}", lambda text: {"closed": text[::-1]})


def define(*documents: dict[str, Any]) -> list[Input]:
    reading = Reading(Registry(), root=list(documents))
    found = [read_model(Input, document, reading) for document in documents]
    if reading.violations:
        raise FlowInvalid(reading.violations)
    return [definition for definition in found if definition is not None]


def resolve(definitions: list[dict[str, Any]], given: dict[str, Any], **scope: Any) -> Resolved:
    return resolve_inputs(define(*definitions), given, scope=scope, env=Environment(), keepers=KEEPERS)


def resolve_one(kind: str, value: Any, **properties: Any) -> Any:
    return resolve([{"id": "x", "type": kind, **properties}], {"x": value}).require()["x"]


def error_of(kind: str, value: Any, **properties: Any) -> str:
    resolved = resolve([{"id": "x", "type": kind, **properties}], {"x": value})
    assert resolved.values == {}
    (error,) = resolved.errors
    assert error.path == "x"
    return error.message


CONVERTED = [
    ("STRING", "text", {}, "text"),
    ("STRING", 12, {}, "12"),
    ("STRING", True, {}, "true"),
    ("STRING", {"a": 1}, {}, '{"a":1}'),
    ("STRING", "A12", {"validator": r"A\d+"}, "A12"),
    ("ENUM", "a", {"values": ["a", "b"]}, "a"),
    ("SELECT", "a", {"values": ["a", "b"]}, "a"),
    ("SELECT", "z", {"values": ["a", "b"], "allowCustomValue": True}, "z"),
    ("SELECT", "b", {"expression": "{{ ['a', 'b'] }}"}, "b"),
    ("MULTISELECT", '["a"]', {"values": ["a", "b"]}, ["a"]),
    ("MULTISELECT", ["a", "b"], {"options": ["a", "b"]}, ["a", "b"]),
    ("MULTISELECT", ["1"], {"values": ["1"], "itemType": "INT"}, [1]),
    ("INT", "42", {}, 42),
    ("INT", 42, {}, 42),
    ("INT", " -7 ", {}, -7),
    ("INT", 42.0, {}, 42),
    ("INT", "9223372036854775807", {}, 2**63 - 1),
    ("INT", "10", {"min": 10, "max": 10}, 10),
    ("FLOAT", "42.42", {}, 42.42),
    ("FLOAT", "0.123456789", {}, 0.12345679),
    ("FLOAT", 1, {}, 1.0),
    ("FLOAT", "1e3", {}, 1000.0),
    ("BOOLEAN", "true", {}, True),
    ("BOOLEAN", "TRUE", {}, True),
    ("BOOLEAN", "yes", {}, False),
    ("BOOLEAN", False, {}, False),
    ("BOOL", "true", {}, True),
    ("DATETIME", "2019-10-06T18:27:49Z", {}, "2019-10-06T18:27:49Z"),
    ("DATETIME", "2019-10-06T18:27:49+02:00", {}, "2019-10-06T16:27:49Z"),
    ("DATETIME", "2019-10-06T18:27:49.500Z", {}, "2019-10-06T18:27:49.500Z"),
    ("DATE", "2019-10-06", {}, "2019-10-06"),
    ("TIME", "18:27:49", {}, "18:27:49"),
    ("TIME", "18:27", {}, "18:27:00"),
    ("TIME", "18:27:49.250", {}, "18:27:49.25"),
    ("DURATION", "PT5M6S", {}, 306.0),
    ("DURATION", "pt0.5s", {}, 0.5),
    ("DURATION", 300.0, {}, 300.0),
    ("DURATION", "300.0", {}, 300.0),
    ("FILE", "kestra:///a/b.txt", {}, "kestra:///a/b.txt"),
    ("FILE", "nsfile:///b.txt", {}, "nsfile:///b.txt"),
    ("FILE", Upload("b.csv", b""), {"allowedFileExtensions": [".CSV"]}, "kestra:///x/b.csv"),
    ("FILE", Upload("b c.exe", b""), {"allowedFileExtensions": [".csv"]}, "kestra:///x/b c.exe"),
    ("JSON", '{"a": [1, null]}', {}, {"a": [1, None]}),
    ("JSON", "12", {}, 12),
    ("JSON", '"text"', {}, "text"),
    ("YAML", "a: [1, no]\nb: 012", {}, {"a": [1, False], "b": 10}),
    ("ION", "{a: [1, 2.5, null], 'b c': 2024-01-02T}", {}, {"a": [1, 2.5, None], "b c": "2024-01-02T00:00:00Z"}),
    ("ION", '{"a": "b"}', {}, {"a": "b"}),
    ("URI", "https://www.google.com", {}, "https://www.google.com"),
    ("URI", "http://localhost:8080/a?b=c#d", {}, "http://localhost:8080/a?b=c#d"),
    ("URI", "s3://bucket/key", {}, "s3://bucket/key"),
    ("SECRET", "hush", {}, {"closed": "hsuh"}),
    ("SECRET", {"closed": "hsuh"}, {}, {"closed": "hsuh"}),
    ("ARRAY", "[1, 2]", {"itemType": "INT"}, [1, 2]),
    ("ARRAY", ["1", 2], {"itemType": "INT"}, [1, 2]),
    ("ARRAY", ["PT1M"], {"itemType": "DURATION"}, [60.0]),
    ("EMAIL", "ann@example.com", {}, "ann@example.com"),
]


@pytest.mark.parametrize(("kind", "value", "properties", "expected"), CONVERTED)
def test_a_value_is_converted_to_its_type(kind, value, properties, expected):
    found = resolve_one(kind, value, **properties)
    assert found == expected
    assert type(found) is type(expected)


REFUSED = [
    ("STRING", "foo", {"validator": r"A\d+"}, r"it must match the pattern `A\d+`"),
    ("STRING", "A1B", {"validator": r"A\d+"}, r"it must match the pattern `A\d+`"),
    ("STRING", "a" * 60 + "!", {"validator": "(a+)+"}, "it must match the pattern `(a+)+`"),
    ("SECRET", "foo", {"validator": r"A\d+"}, r"it must match the pattern `A\d+`"),
    ("ENUM", "z", {"values": ["a", "b"]}, "it must match the values `[a, b]`"),
    ("SELECT", "z", {"values": ["a", "b"]}, "it must match the values `[a, b]`"),
    ("SELECT", "z", {"expression": "{{ ['a', 'b'] }}"}, "it must match the values `[a, b]`"),
    ("MULTISELECT", ["a", "z"], {"values": ["a", "b"]}, "value `z` doesn't match the values `[a, b]`"),
    ("MULTISELECT", ["z"], {"values": ["a"], "required": False}, "value `z` doesn't match the values `[a]`"),
    ("SELECT", "z", {"values": ["a"], "required": False}, "it must match the values `[a]`"),
    ("ENUM", "z", {"values": ["a"], "required": False}, "it must match the values `[a]`"),
    ("INT", "abc", {}, "Cannot convert value 'abc' to Integer"),
    ("INT", "1.5", {}, "Cannot convert value '1.5' to Integer"),
    ("INT", 1.5, {}, "Cannot convert value '1.5' to Integer"),
    ("INT", "9223372036854775808", {}, "Cannot convert value"),
    ("INT", "9" * 5000, {}, "Cannot convert value"),
    ("INT", True, {}, "Cannot convert value 'true' to Integer"),
    ("INT", [1], {}, "Cannot convert value '[1]' to Integer"),
    ("INT", "9", {"min": 10}, "it must be more than `10`"),
    ("INT", "21", {"max": 20}, "it must be less than `20`"),
    ("FLOAT", "abc", {}, "Cannot convert value 'abc' to Float"),
    ("FLOAT", "NaN", {}, "Cannot convert value 'NaN' to Float"),
    ("FLOAT", "1e400", {}, "Cannot convert value"),
    ("FLOAT", "1e39", {}, "Cannot convert value"),
    ("FLOAT", 10**400, {}, "Cannot convert value"),
    ("FLOAT", True, {}, "Cannot convert value"),
    ("FLOAT", "1.01", {"max": 0.5}, "it must be less than `0.5`"),
    ("FLOAT", "0.01", {"min": 0.1}, "it must be more than `0.1`"),
    ("DATETIME", "yesterday", {}, "Cannot convert value 'yesterday' to Instant"),
    ("DATETIME", "2022-12-31T23:59:59Z", {"after": "2023-01-01T00:00:00Z"}, "it must be after `2023-01-01T00:00:00Z`"),
    (
        "DATETIME",
        "2024-01-01T00:00:00Z",
        {"before": "2023-12-31T23:59:59Z"},
        "it must be before `2023-12-31T23:59:59Z`",
    ),
    ("DATETIME", "0001-01-01T00:00:00+14:00", {}, "Cannot convert value"),
    ("DATE", "2019-02-30", {}, "Cannot convert value '2019-02-30' to LocalDate"),
    ("DATE", "2022-12-31", {"after": "2023-01-01"}, "it must be after `2023-01-01`"),
    ("DATE", "2024-01-01", {"before": "2023-12-31"}, "it must be before `2023-12-31`"),
    ("TIME", "25:00", {}, "Cannot convert value '25:00' to LocalTime"),
    ("TIME", "00:30:00", {"after": "01:00:00"}, "it must be after `01:00:00`"),
    ("TIME", "12:00:00", {"before": "11:59:59"}, "it must be before `11:59:59`"),
    ("DATETIME", "2026-01-02", {}, "Cannot convert value '2026-01-02' to Instant"),
    ("DURATION", "1d", {}, "Cannot convert value '1d' to Duration"),
    ("DURATION", "5 minutes", {}, "to Duration"),
    ("DURATION", "soon", {}, "Cannot convert value 'soon' to Duration"),
    ("DURATION", "PT1S", {"min": "PT10S"}, "It must be more than `PT10S`"),
    ("DURATION", "PT30S", {"max": "PT20S"}, "It must be less than `PT20S`"),
    ("FILE", "/etc/passwd", {}, "The file '/etc/passwd' does not exist."),
    ("JSON", "{", {}, "Unable to parse `{` as `JSON`"),
    ("JSON", "NaN", {}, "Unable to parse `NaN` as `JSON`"),
    ("JSON", {"a": 1}, {}, 'Unable to parse `{"a":1}` as `JSON`'),
    ("JSON", "9" * 20_000, {}, "as `JSON`"),
    ("JSON", "[" * 100_000, {}, "as `JSON`"),
    ("ION", "{a: ", {}, "as `ION`"),
    ("ION", "1 2", {}, "as `ION`"),
    ("ION", "nan", {}, "as `ION`"),
    ("ION", ["a"], {}, "as `ION`"),
    ("YAML", "a: &a [*a]", {}, "as `YAML`"),
    ("YAML", "a: 1\n---\nb: 2", {}, "as `YAML`"),
    ("YAML", ["a"], {}, 'Unable to parse `["a"]` as `YAML`'),
    ("URI", "http:/bla", {}, "Expected `URI` but received `http:/bla`"),
    ("URI", "text", {}, "Expected `URI` but received `text`"),
    ("ARRAY", '["s1", "s2"]', {"itemType": "INT"}, "Unable to parse array element as `INT` on `s1`"),
    ("ARRAY", [1, "x1"], {"itemType": "INT"}, "Unable to parse array element as `INT` on `x1`"),
    ("URI", "not a uri", {}, "Illegal character in path at index 3: not a uri"),
    ("URI", ":::", {}, "Expected scheme name at index 0: :::"),
    ("ARRAY", "{}", {"itemType": "INT"}, "Unable to parse `{}` as `ARRAY`"),
    ("ARRAY", "[", {"itemType": "INT"}, "Unable to parse `[` as `ARRAY`"),
    ("EMAIL", "ann", {}, "The input must be a valid email"),
    ("EMAIL", "ann@" + "a." * 50_000, {}, "The input must be a valid email"),
    ("SELECT", "a", {"expression": "{{ 'a' }}"}, "its `expression` must give a list, but gave `a`"),
    ("SELECT", "a", {"expression": "{{ nothing }}"}, "Unable to find `nothing`"),
]


@pytest.mark.parametrize(("kind", "value", "properties", "reason"), REFUSED)
def test_a_value_that_does_not_fit_is_refused(kind, value, properties, reason):
    message = error_of(kind, value, **properties)
    assert message.startswith("Invalid value for input `x`. Cause: ")
    assert reason in message


def test_the_wording_of_an_error_is_exact():
    assert error_of("INT", "9", min=10) == "Invalid value for input `x`. Cause: it must be more than `10`"
    assert error_of("INT", "abc") == "Invalid value for input `x`. Cause: Cannot convert value 'abc' to Integer"
    assert error_of("INT", None) == "Missing required input:x"


@pytest.mark.parametrize("kind", ["STRING", "INT", "BOOL", "JSON", "YAML", "EMAIL", "DURATION"])
def test_an_empty_text_counts_as_not_given(kind):
    assert error_of(kind, "") == "Missing required input:x"
    assert resolve([{"id": "x", "type": kind, "required": False}], {"x": ""}).require() == {}
    assert resolve([{"id": "x", "type": "INT", "defaults": 7}], {"x": ""}).require() == {"x": 7}


def test_what_was_wrong_is_shown_again_but_for_a_secret():
    (entry,) = resolve([{"id": "x", "type": "INT"}], {"x": "q"}).inputs
    assert entry.value == "q"
    (entry,) = resolve([{"id": "x", "type": "SECRET", "validator": "a"}], {"x": "q"}).inputs
    assert entry.error and entry.value is None


def test_a_secret_needs_a_key():
    resolved = resolve_inputs(define({"id": "x", "type": "SECRET"}), {"x": "a"}, scope={}, env=Environment())
    assert "Unable to use a `SECRET` input/output as encryption is not configured" in resolved.errors[0].message


def test_without_a_keeper_a_file_is_only_looked_at():
    definitions = define({"id": "x", "type": "FILE"})
    resolved = resolve_inputs(definitions, {"x": Upload("a.txt", b"")}, scope={}, env=Environment(), keepers=NO_KEEPERS)
    assert resolved.values == {"x": "a.txt"}


def test_an_optional_input_without_a_value_is_absent():
    assert resolve([{"id": "x", "type": "INT", "required": False}], {}).require() == {}
    nested = [{"id": "a.b", "type": "INT", "required": False}, {"id": "a.c", "type": "INT"}]
    assert resolve(nested, {"a.c": 1}).require() == {"a": {"c": 1}}


DEFAULTS = [
    ("STRING", "text", "text"),
    ("STRING", "", ""),
    ("STRING", "{{ flow.id }}", "here"),
    ("INT", 0, 0),
    ("INT", "{{ 1 + 2 }}", 3),
    ("BOOLEAN", False, False),
    ("DATETIME", "2013-08-09T14:19:00Z", "2013-08-09T14:19:00Z"),
    ("YAML", {"a": [1, "{{ flow.id }}"]}, {"a": [1, "here"]}),
    ("JSON", {"a": 1}, {"a": 1}),
    ("JSON", '{"a": 1}', {"a": 1}),
]


@pytest.mark.parametrize(("kind", "default", "expected"), DEFAULTS)
def test_a_default_stands_for_what_is_absent_or_null(kind, default, expected):
    definition = {"id": "x", "type": kind, "defaults": default}
    for given in ({}, {"x": None}):
        resolved = resolve([definition], given, flow={"id": "here"})
        assert resolved.require() == {"x": expected}
        assert resolved.inputs[0].is_default


def test_a_default_must_fit_too():
    resolved = resolve([{"id": "x", "type": "INT", "defaults": "abc"}], {})
    assert "Cannot convert value 'abc' to Integer" in resolved.errors[0].message


def test_a_default_sees_the_inputs_before_it_and_those_it_depends_on():
    definitions = [
        {"id": "late", "type": "STRING", "defaults": "{{ inputs.base }}!", "dependsOn": {"inputs": ["base"]}},
        {"id": "base", "type": "STRING"},
        {"id": "last", "type": "STRING", "defaults": "{{ inputs.late }}?"},
    ]
    assert resolve(definitions, {"base": "a"}).require() == {"late": "a!", "base": "a", "last": "a!?"}


def test_the_first_choice_may_be_the_default():
    assert resolve([{"id": "x", "type": "SELECT", "values": ["a", "b"], "autoSelectFirst": True}], {}).require() == {
        "x": "a"
    }
    several = {"id": "x", "type": "MULTISELECT", "values": ["a", "b"], "autoSelectFirst": True}
    assert resolve([several], {}).require() == {"x": ["a"]}


def test_choices_may_depend_on_another_input():
    definitions = [
        {"id": "kind", "type": "STRING"},
        {
            "id": "x",
            "type": "SELECT",
            "expression": "{{ [inputs.kind ~ 1, inputs.kind ~ 2] | json }}",
            "dependsOn": {"inputs": ["kind"]},
        },
    ]
    resolved = resolve(definitions, {"kind": "a", "x": "a2"})
    assert resolved.require()["x"] == "a2"
    assert resolved.inputs[1].choices == ["a1", "a2"]


def test_ids_with_dots_are_nested_maps_both_ways():
    definitions = [{"id": "a.b", "type": "INT"}, {"id": "a.c.d", "type": "INT"}]
    assert resolve(definitions, {"a.b": "1", "a.c.d": 2}).require() == {"a": {"b": 1, "c": {"d": 2}}}
    assert resolve(definitions, {"a": {"b": 1, "c": {"d": 2}}}).require() == {"a": {"b": 1, "c": {"d": 2}}}


def test_what_was_given_for_no_input_is_ignored():
    assert resolve([], {"x": 1}).require() == {}


def test_several_errors_are_told_together():
    resolved = resolve([{"id": "x", "type": "INT"}, {"id": "y", "type": "DATE"}], {"x": "a", "y": "b"})
    with pytest.raises(InvalidInputs) as refused:
        resolved.require()
    assert [violation.path for violation in refused.value.violations] == ["x", "y"]
    assert refused.value.message.count("\n") == 1


DEPENDING = [
    ("{{ inputs.a == 'go' }}", "go", True),
    ("{{ inputs.a == 'go' }}", "stay", False),
    ("{{ inputs.a }}", "true", False),
    ("{{ null }}", "go", False),
    ("true", "go", False),
]


@pytest.mark.parametrize(("condition", "value", "enabled"), DEPENDING)
def test_a_condition_must_render_to_true_itself(condition, value, enabled):
    definitions = [
        {"id": "a", "type": "STRING"},
        {"id": "x", "type": "STRING", "dependsOn": {"inputs": ["a"], "condition": condition}},
        {"id": "y", "type": "STRING", "dependsOn": {"inputs": ["x"]}},
    ]
    resolved = resolve(definitions, {"a": value, "x": "1", "y": "2"})
    assert [entry.enabled for entry in resolved.inputs] == [True, enabled, enabled]
    assert ("x" in resolved.require()) is enabled


def test_a_condition_sees_only_the_inputs_it_names():
    definitions = [
        {"id": "a", "type": "STRING"},
        {"id": "b", "type": "STRING"},
        {"id": "x", "type": "STRING", "dependsOn": {"inputs": ["a"], "condition": "{{ inputs.b == 'b' }}"}},
    ]
    resolved = resolve(definitions, {"a": "a", "b": "b", "x": "x"})
    (shown,) = [entry for entry in resolved.inputs if entry.definition.id == "x"]
    assert "Could not perform equals comparison" in (shown.error or "")


def test_an_input_whose_condition_cannot_be_rendered_is_left_out_of_the_start():
    definitions = [{"id": "x", "type": "STRING", "dependsOn": {"condition": "{{ inputs.nope.at }}"}}]
    resolved = resolve(definitions, {"x": "given"})
    assert [(entry.enabled, bool(entry.error)) for entry in resolved.inputs] == [(False, True)]
    assert resolved.require() == {}


def test_a_circle_of_dependencies_is_no_endless_loop():
    definitions = [
        {"id": "a", "type": "STRING", "dependsOn": {"inputs": ["b"]}},
        {"id": "b", "type": "STRING", "dependsOn": {"inputs": ["a", "b", "nobody"]}},
    ]
    assert resolve(definitions, {"a": "1", "b": "2"}).require() == {"a": "1", "b": "2"}


def test_a_long_chain_of_dependencies_is_resolved():
    count = 3_000
    definitions = [
        {
            "id": f"i{n}",
            "type": "INT",
            "dependsOn": {"inputs": [f"i{n + 1}"] if n < count - 1 else []},
            "required": False,
        }
        for n in range(count)
    ]
    assert len(resolve(definitions, {}).inputs) == count


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ({"type": "STRING"}, "id: must not be null"),
        ({"id": "a b", "type": "STRING"}, "id: must match"),
        ({"id": "x"}, "type: must not be null"),
        ({"id": "x", "type": "TEXT"}, "Invalid type: TEXT"),
        ({"id": "x", "type": ["STRING"]}, "Invalid type: a list"),
        ({"id": "x", "type": "STRIN"}, "did you mean `STRING`"),
        ({"id": "x", "type": "STRING", "validator": "("}, r"invalid pattern \[\(\]"),
        ({"id": "x", "type": "SECRET", "validator": "("}, r"invalid pattern \[\(\]"),
        ({"id": "x", "type": "INT", "min": 2, "max": 1}, "`min` must not be greater than `max`"),
        ({"id": "x", "type": "FLOAT", "min": 2, "max": 1}, "`min` must not be greater than `max`"),
        ({"id": "x", "type": "DURATION", "min": "PT2S", "max": "PT1S"}, "`min` must not be greater than `max`"),
        ({"id": "x", "type": "DATE", "after": "soon"}, "after: `soon` is not a date"),
        ({"id": "x", "type": "DATETIME", "before": "soon"}, "before: `soon` is not a date with time"),
        ({"id": "x", "type": "TIME", "after": "25:00"}, "after: `25:00` is not a time"),
        ({"id": "x", "type": "ARRAY"}, "itemType: must not be null"),
        ({"id": "x", "type": "ARRAY", "itemType": "ARRAY"}, "`itemType` cannot be `ARRAY`"),
        ({"id": "x", "type": "ARRAY", "itemType": "TEXT"}, "must be one of ARRAY"),
        ({"id": "x", "type": "SELECT", "values": ["a"], "expression": "{{ a }}"}, "not both"),
        ({"id": "x", "type": "MULTISELECT", "values": ["a"], "itemType": "MULTISELECT"}, "cannot be `MULTISELECT`"),
        ({"id": "x", "type": "ENUM", "values": []}, "values: must not be empty"),
        ({"id": "x", "type": "STRING", "displayName": "x" * 65}, "size must be between 0 and 64"),
        ({"id": "x", "type": "STRING", "defaults": "a", "prefill": "b"}, "`prefill` cannot be used together"),
        ({"id": "x", "type": "STRING", "min": 1}, 'Unrecognized field "min"'),
    ],
)
def test_a_wrong_definition_is_refused(definition, message):
    with pytest.raises(FlowInvalid, match=message):
        define(definition)


def test_the_older_word_for_an_id_is_understood():
    assert define({"name": "x", "type": "STRING"})[0].id == "x"
