"""Inputs that stand for several: forms, and references to inputs that are kept beside the flows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from executions.simulator.world import Simulator
from flows.expressions import Environment
from flows.model.errors import FlowInvalid
from flows.model.inputs.definitions import Input, ReusableInputsInput
from flows.model.inputs.forms import asked, no_blocks
from flows.model.inputs.resolve import InvalidInputs, Resolved, resolve_inputs
from flows.model.parse import parse_flow

FLOW = """
id: f
namespace: company.team
inputs:
  - id: way
    type: SELECT
    values: [car, ship]
  - id: car
    type: FORM
    dependsOn: {inputs: [way], condition: "{{ inputs.way == 'car' }}"}
    inputs:
      - {id: seats, type: INT, min: 1}
      - {id: colour, type: STRING, defaults: red, dependsOn: {inputs: [seats], condition: "{{ inputs.car.seats > 2 }}"}}
      - {id: key, type: SECRET, required: false}
tasks:
  - {id: t, type: io.kestra.plugin.core.log.Log, message: "{{ inputs }} {{ inputs.car.seats ?? 'none' }}"}
"""


def inputs_of(source: str) -> list[Input]:
    return parse_flow(source).flow.inputs


def resolved(definitions: Sequence[Input], given: dict[str, Any], blocks: Any = no_blocks) -> Resolved:
    return resolve_inputs(definitions, given, scope={}, env=Environment(), blocks=blocks)


def reusable(ref: str, **more: Any) -> Input:
    return ReusableInputsInput(id="r", type="REUSABLE_INPUTS", ref=ref, **more)


def test_inputs_of_a_form_stand_under_its_id() -> None:
    found = resolved(inputs_of(FLOW), {"way": "car", "car.seats": "4"})
    assert found.require() == {"way": "car", "car": {"seats": 4, "colour": "red"}}
    assert [each.definition.id for each in found.inputs] == ["way", "car", "car.seats", "car.colour", "car.key"]


def test_they_may_be_given_as_a_map() -> None:
    assert resolved(inputs_of(FLOW), {"way": "car", "car": {"seats": 1}}).require()["car"] == {"seats": 1}


def test_a_form_that_is_not_asked_for_asks_for_nothing() -> None:
    found = resolved(inputs_of(FLOW), {"way": "ship"})
    assert found.require() == {"way": "ship"}
    assert {each.definition.id for each in found.inputs if each.enabled} == {"way"}


def test_what_does_not_fit_is_told_by_its_whole_id() -> None:
    with pytest.raises(InvalidInputs, match=r"Invalid value for input `car\.seats`"):
        resolved(inputs_of(FLOW), {"way": "car", "car.seats": "many"}).require()
    with pytest.raises(InvalidInputs, match=r"Missing required input:car\.seats"):
        resolved(inputs_of(FLOW), {"way": "car"}).require()


def test_a_flow_with_a_form_runs() -> None:
    execution = Simulator([FLOW]).run("company.team", "f", {"way": "car", "car.seats": 2})
    assert execution.logs[-1].message == '{"way":"car","car":{"seats":2}} 2'


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("[]", r"inputs\[f\].inputs: must not be empty"),
        ("[{id: a, type: INT, defaults: x}]", "Invalid default for input 'a'"),
        ("[{id: a, type: INT}, {id: a, type: INT}]", r"Duplicate input with name \[f.a\]"),
        ("[{id: a, type: INT, dependsOn: {inputs: [b]}}]", "Input with id 'f.a' depends on a non-existent input 'b'"),
        ("[{id: a, type: NOPE}]", "Invalid type: NOPE"),
    ],
)
def test_what_is_wrong_in_a_form_is_refused(inside: str, message: str) -> None:
    task = "{id: t, type: io.kestra.plugin.core.log.Log, message: x}"
    with pytest.raises(FlowInvalid, match=message):
        parse_flow(f"id: f\nnamespace: a\ninputs:\n  - {{id: f, type: FORM, inputs: {inside}}}\ntasks: [{task}]\n")


def test_a_reference_is_replaced_by_what_it_names() -> None:
    block = inputs_of(FLOW)[:1]
    asked_for: list[tuple[str | None, str, int | None]] = []

    def blocks(reference: ReusableInputsInput) -> Sequence[Input] | None:
        asked_for.append((reference.namespace, reference.ref, reference.revision))
        return block

    found = resolved([reusable("ways", namespace="company", revision=2)], {"r.way": "ship"}, blocks)
    assert found.require() == {"r": {"way": "ship"}}
    assert set(asked_for) == {("company", "ways", 2)}


def test_a_reference_to_nothing_stands_in_the_way_of_a_start() -> None:
    with pytest.raises(InvalidInputs, match="there are no reusable inputs `ways`"):
        resolved([reusable("ways")], {}).require()


def test_inputs_that_refer_to_themselves_end() -> None:
    assert [each.id for each in asked([reusable("own")], lambda reference: [reusable("own")])] == ["r", "r.r"]


def test_a_form_is_no_output_and_no_item() -> None:
    task = "{id: t, type: io.kestra.plugin.core.log.Log, message: x}"
    with pytest.raises(FlowInvalid, match="Invalid type: FORM"):
        parse_flow(f"id: f\nnamespace: a\noutputs: [{{id: o, type: FORM, value: 1}}]\ntasks: [{task}]\n")
    with pytest.raises(FlowInvalid, match="must be one of"):
        parse_flow(f"id: f\nnamespace: a\ninputs: [{{id: o, type: ARRAY, itemType: FORM}}]\ntasks: [{task}]\n")
