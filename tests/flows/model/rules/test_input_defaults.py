"""A default that no start could take is refused when the flow is saved."""

import pytest

from flows.model.errors import FlowInvalid
from flows.model.parse import parse_flow

FLOW = """id: a
namespace: b
inputs:
  - {{id: x, {}}}
tasks: [{{id: t, type: io.kestra.plugin.core.log.Log, message: hello}}]
"""


@pytest.mark.parametrize(
    ("definition", "reason"),
    [
        ("type: INT, defaults: abc", "`abc` is not a valid INT value"),
        ("type: INT, defaults: 5, max: 4", "it must be less than `4`"),
        ("type: DATE, defaults: 2026-02-30", "`2026-02-30` is not a valid DATE value"),
        ("type: DATETIME, defaults: '2026-01-02'", "`2026-01-02` is not a valid DATETIME value"),
        ("type: DURATION, defaults: 1d", "`1d` is not a valid DURATION value"),
        ("type: SELECT, values: [x], defaults: y", "it must match the values `[x]`"),
        ("type: ENUM, values: [x], defaults: y", "it must match the values `[x]`"),
        ("type: MULTISELECT, values: [x], defaults: [y]", "value `y` doesn't match the values `[x]`"),
        ("type: ARRAY, itemType: INT, defaults: [1, y]", "`[1, 'y']` is not a valid ARRAY value"),
        ("type: STRING, validator: a+, defaults: b", "it must match the pattern `a+`"),
        ("type: SECRET, validator: a+, defaults: b", "it must match the pattern `a+`"),
    ],
)
def test_a_default_must_fit_its_input(definition, reason):
    with pytest.raises(FlowInvalid) as refused:
        parse_flow(FLOW.format(definition))
    (found,) = refused.value.violations
    assert (found.path, found.line) == ("", 4)
    assert found.message == f"Invalid Flow: Invalid default for input 'x': {reason}"


@pytest.mark.parametrize(
    "definition",
    [
        "type: INT, defaults: '{{ 1 + 1 }}'",
        "type: INT, defaults: 5",
        "type: INT, defaults: '5'",
        "type: INT, defaults: ''",
        "type: SELECT, values: [x], defaults: y, allowCustomValue: true",
        "type: SELECT, expression: \"{{ ['x'] }}\", defaults: y",
        "type: SECRET, defaults: hush",
        "type: JSON, defaults: {a: 1}",
        "type: FILE, defaults: 'nsfile:///a.txt'",
        "type: DURATION, defaults: PT5M",
        "type: ARRAY, itemType: STRING, defaults: ['{{ flow.id }}']",
    ],
)
def test_one_that_fits_or_is_known_only_at_a_start_is_taken(definition):
    assert parse_flow(FLOW.format(definition)).flow.inputs[0].id == "x"
