"""Documents of tasks become tasks, or say in the parser's words why they cannot."""

from __future__ import annotations

import pytest

from plugins.contracts import PluginError
from workers.runtime.documents import Documents, any_task, coverage_of, polling_trigger, runnable, working_directory

CORE = "io.kestra.plugin.core"
LOG = {"id": "l", "type": f"{CORE}.log.Log", "message": "{{ inputs.a }}"}


def test_the_same_document_is_parsed_once_and_the_oldest_is_forgotten():
    kept = Documents(size=2)
    first = kept.prepare(LOG)
    second = kept.prepare({**LOG, "id": "m"})
    assert kept.prepare(LOG) is first
    kept.prepare({**LOG, "id": "n"})
    assert kept.prepare(LOG) is first
    assert kept.prepare({**LOG, "id": "m"}) is not second


@pytest.mark.parametrize("parse", [runnable, any_task, working_directory, polling_trigger])
def test_a_document_of_an_unknown_type_is_refused_for_good(parse):
    with pytest.raises(PluginError) as refused:
        parse({"id": "x", "type": "io.kestra.plugin.none.Such"})
    assert not refused.value.retryable


def test_what_is_no_directory_and_no_trigger_that_polls_is_named():
    with pytest.raises(PluginError, match=r"log\.Log has no tasks of its own"):
        working_directory(LOG)
    schedule = {"id": "s", "type": f"{CORE}.trigger.Schedule", "cron": "* * * * *"}
    with pytest.raises(PluginError, match="is no trigger that polls"):
        polling_trigger(schedule)


def test_variables_are_found_wherever_an_expression_stands():
    document = {"{{ vars.k }}": ["{{ inputs.a }}", {"x": "{{ outputs.t.v }}"}, 3, "{{ broken"], "plain": "no {braces}"}
    covered = coverage_of(document)
    assert [covered.has(path) for path in ("vars.k", "inputs.a", "outputs.t.v", "inputs.b")] == [
        True,
        True,
        True,
        False,
    ]
