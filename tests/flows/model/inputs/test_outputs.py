"""The outputs of a flow are rendered and typed like inputs."""

import pytest

from flows.expressions import Environment
from flows.model.inputs.definitions import Output
from flows.model.inputs.outputs import InvalidOutputs, resolve_outputs, typed_outputs
from flows.model.inputs.ports import Keepers

SCOPE = {"outputs": {"a": {"n": 5, "list": [1, 2], "map": {"k": "v"}, "none": None, "text": "5"}}}


def outputs(**by_id):
    definitions = [Output(id=name.replace("__", "."), **definition) for name, definition in by_id.items()]
    return resolve_outputs(definitions, scope=SCOPE, env=Environment(), keepers=Keepers(None, str.upper))


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("STRING", "{{ outputs.a.n }}", "5"),
        ("STRING", "n is {{ outputs.a.n }}", "n is 5"),
        ("STRING", "plain", "plain"),
        ("STRING", 5, "5"),
        ("INT", "{{ outputs.a.text }}", 5),
        ("EMAIL", "no address", "no address"),
        ("JSON", {"a": None, "b": [1, None], "c": {"d": None}}, {"b": [1, None], "c": {}}),
        ("JSON", "{{ outputs.a.map }}", {"k": "v"}),
        ("JSON", '{"a": {{ outputs.a.n }}}', {"a": 5}),
        ("YAML", {"k": ["{{ outputs.a.n }}"]}, {"k": [5]}),
        ("ARRAY", "{{ outputs.a.list }}", [1, 2]),
        ("ARRAY", ["{{ outputs.a.n }}", "x"], [5, "x"]),
        ("BOOLEAN", "{{ outputs.a.n == 5 }}", True),
        ("DURATION", "PT1M", 60.0),
        ("FILE", "kestra:///a", "kestra:///a"),
        ("SECRET", "hush", "HUSH"),
    ],
)
def test_an_output_is_rendered_and_typed(kind, value, expected):
    assert outputs(x={"type": kind, "value": value}) == {"x": expected}


def test_everything_wrong_is_told_together():
    with pytest.raises(InvalidOutputs) as refused:
        outputs(
            x={"type": "INT", "value": "{{ outputs.a.map }}"},
            y={"type": "STRING", "value": "{{ nothing }}"},
            z={"type": "STRING", "value": "{{ outputs.a.none }}", "required": True},
            fine={"type": "STRING", "value": "a"},
        )
    messages = {violation.path: violation.message for violation in refused.value.violations}
    assert list(messages) == ["x", "y", "z"]
    assert messages["x"] == 'Invalid value for output `x`. Cause: Cannot convert value \'{"k":"v"}\' to Integer'
    assert "Unable to find `nothing`" in messages["y"]
    assert messages["z"] == "Invalid value for output `z`. Cause: a value is required, but it is null"


@pytest.mark.parametrize(
    ("kind", "value"), [("INT", "{{ outputs.a.none }}"), ("STRING", "{{ outputs.a.none }}"), ("INT", "{{ '' }}")]
)
def test_an_output_that_is_null_is_left_out(kind, value):
    assert outputs(x={"type": kind, "value": value}, y={"type": "STRING", "value": "b"}) == {"y": "b"}


@pytest.mark.parametrize("value", ["{{ nothing }}", "abc"])
def test_one_that_is_not_required_is_left_out_when_it_cannot_be_given(value):
    forgone: list[str] = []
    definitions = [
        Output(id="x", type="INT", value=value, required=False),
        Output(id="y", type="INT", value="1"),
    ]
    assert resolve_outputs(definitions, scope=SCOPE, env=Environment(), forgo=forgone.append) == {"y": 1}
    assert len(forgone) == 1


def test_outputs_that_somebody_else_rendered_only_need_their_types():
    definitions = [Output(id="x", type="INT", value="{{ a }}"), Output(id="y", type="STRING", value="{{ b }}")]
    assert typed_outputs(definitions, {"x": "5", "y": None}) == {"x": 5}
    with pytest.raises(InvalidOutputs):
        typed_outputs(definitions, {"x": "five"})


def test_ids_with_dots_are_nested_maps():
    assert outputs(a__b={"type": "INT", "value": 1}, a__c={"type": "INT", "value": 2}) == {"a": {"b": 1, "c": 2}}


def test_an_unknown_type_is_a_problem():
    assert [problem.message for problem in Output(id="x", type="TEXT", value=1).problems()] == ["Invalid type: TEXT"]
