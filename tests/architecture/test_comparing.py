"""Two schemas laid side by side, told apart where they differ."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architecture.comparing import Comparison

STATE = {"type": "string", "enum": ["ON", "OFF"]}
THEIRS = {
    "Base": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
    "Thing": {
        "allOf": [
            {"$ref": "#/components/schemas/Base"},
            {"type": "object", "properties": {"state": {"allOf": [STATE]}, "any": {"type": "object"}}},
        ]
    },
}
OPTIONAL = {"type": "object", "properties": {"id": {"type": "string"}}}


def thing(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, **properties}}


@pytest.mark.parametrize(
    ("mine", "told"),
    [
        (thing(), []),
        (thing(any={"type": "integer"}), []),  # of `any` nothing is said
        (thing(state={"type": "string", "enum": ["ON"]}), []),  # fewer states are fine
        (thing(state={"type": "string", "enum": ["MAYBE"]}), [("other", "state")]),
        (thing(state={"type": "integer"}), [("other", "state")]),
        (thing(more={"type": "string"}), [("with", "more")]),
        (OPTIONAL, [("rarely", "id")]),
        ({"type": "object", "properties": {"state": STATE}}, [("without", "id")]),
        ({"type": "array", "items": {}}, [("other", "")]),
    ],
)
def test_differences_are_named(mine: dict[str, Any], told: list[tuple[str, str]]):
    comparison = Comparison({"components": {"schemas": {"Mine": mine}}}, {"components": {"schemas": THEIRS}})
    both = {"$ref": "#/components/schemas/Mine"}, {"$ref": "#/components/schemas/Thing"}
    found = list(comparison.differences("GET /x", *both))
    assert [(each.kind, each.name) for each in found] == told
    assert {each.owner for each in found} <= {"Mine"}
    assert list(comparison.differences("GET /y", *both)) == [], "a pair is told of once"
