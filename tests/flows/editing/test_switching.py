"""A flow turned on and off in its own text."""

import pytest

from flows.editing.switching import switched

FLOW = """\
# Says hello.
id: hello
namespace: company.team
tasks:
  - id: say   # loudly
    type: io.kestra.plugin.core.log.Log
    message: hi
"""


def test_nothing_else_an_author_wrote_is_touched():
    source, parsed = switched(FLOW, is_disabled=True)
    assert source == FLOW + "disabled: true\n"
    assert parsed.flow.disabled is True


def test_a_switch_that_is_there_is_turned_in_its_place():
    source, _ = switched("disabled: true # for now\n" + FLOW, is_disabled=False)
    assert source == "disabled: false\n" + FLOW


def test_a_task_of_that_name_is_left_alone():
    inner = FLOW.replace("    message: hi", "    message: hi\n    disabled: true")
    source, parsed = switched(inner, is_disabled=True)
    assert source.count("disabled: true") == 2
    assert parsed.flow.disabled is True


@pytest.mark.parametrize("is_disabled", [True, False])
def test_a_source_in_json_is_written_anew(is_disabled):
    text = (
        '{"id": "a", "namespace": "b", "tasks": [{"id": "t", "type": "io.kestra.plugin.core.log.Log", "message": "m"}]}'
    )
    source, parsed = switched(text, is_disabled)
    assert parsed.flow.disabled is is_disabled
    assert source.startswith("{")
