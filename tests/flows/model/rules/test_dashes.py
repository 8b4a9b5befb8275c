"""A dash in a reference is told before it fails as a subtraction."""

import pytest

from flows.model.errors import FlowInvalid
from flows.model.parse import parse_flow

FLOW = """id: a
namespace: b
inputs: [{{id: my-name, type: STRING}}]
tasks:
  - id: my-task
    type: io.kestra.plugin.core.debug.Return
    format: a
  - id: group
    type: io.kestra.plugin.core.flow.Sequential
    tasks:
      - id: says
        type: io.kestra.plugin.core.log.Log
        message: ["{}"]
"""


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("{{ outputs.my-task.value }}", "output"),
        ("{% if outputs.my-task.value %}a{% endif %}", "output"),
        ("{{ inputs.my-name }}", "input"),
    ],
)
def test_a_name_with_a_dash_needs_brackets(text, word):
    with pytest.raises(FlowInvalid) as refused:
        parse_flow(FLOW.format(text))
    assert refused.value.message == (
        f": Invalid Flow: Invalid {word} reference: use {word}s[key-name] instead of {word}s.key-name — keys with dashes "
        "require bracket notation, offending tasks: [says]"
    )
    assert refused.value.violations[0].line == 11


@pytest.mark.parametrize(
    "text",
    ["{{ outputs['my-task'].value }}", "{{ inputs['my-name'] }}", "inputs.my-name", "{{ outputs.my-task2 }}"],
)
def test_anything_else_is_taken(text):
    assert parse_flow(FLOW.format(text)).flow.task("says")
