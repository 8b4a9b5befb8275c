"""A character that JSON writes as two escapes is read as the one it is, and nothing else is changed."""

from __future__ import annotations

import json

import pytest

from flows.model.documents.compose import compose
from flows.model.errors import FlowInvalid

FACE = "\U0001f600"
PAIR = "\\ud83d\\uDE00"


@pytest.mark.parametrize(
    "source, value",
    [
        (json.dumps({"a": f"x {FACE}", FACE: [FACE]}), f"x {FACE}"),
        (f'a: "x {PAIR}{PAIR}"', f"x {FACE}{FACE}"),
        (f'b: "{PAIR}"\na: "\\" {PAIR}"\nc: ["{PAIR}", "{PAIR}"]', f'" {FACE}'),
        (f'a: "\\\\ud83d"\nb: "{PAIR}"', "\\ud83d"),
        (f"a: '{PAIR}'\nb: \"{PAIR}\"", PAIR),
        (f'b: "{PAIR}"\na: {PAIR}', PAIR),
        (f'b: "{PAIR}"\na: |\n  {PAIR}', PAIR),
    ],
)
def test_a_pair_is_one_character_inside_of_double_quotes_alone(source: str, value: str) -> None:
    assert compose(source)["a"] == value


@pytest.mark.parametrize("source", ['a: "\\ud83d"', 'a: "\\ude00\\ud83d"', '{"a": "\\ud83d x"}', 'a: "\\uzzzz"'])
def test_half_a_character_is_refused_as_before(source: str) -> None:
    with pytest.raises(FlowInvalid):
        compose(source)


def test_many_are_refused_before_they_cost_much() -> None:
    assert compose(json.dumps({f"k{number}": FACE for number in range(1000)}))["k999"] == FACE
    with pytest.raises(FlowInvalid):
        compose("\n".join(f'k{number}: "{PAIR}"' for number in range(1000)))
