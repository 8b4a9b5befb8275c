"""A flow's text becomes a typed model, or a list of problems with their lines."""

from textwrap import dedent

import pytest

from flows.model.errors import FlowInvalid
from flows.model.parse import parse_document, parse_documents, parse_flow, parse_task

SEQUENTIAL = "io.kestra.plugin.core.flow.Sequential"


def problems(source: str) -> list[tuple[str, int | None, int | None, str]]:
    with pytest.raises(FlowInvalid) as refused:
        parse_flow(dedent(source))
    return [(v.path, v.line, v.column, v.message) for v in refused.value.violations]


def test_a_flow_is_read_with_its_nested_tasks():
    flow = parse_flow(
        dedent("""\
        id: nested
        namespace: company.team
        labels: {team: NO, version: 1.10}
        tasks:
          - id: outer
            type: io.kestra.plugin.core.flow.Sequential
            tasks:
              - id: inner
                type: io.kestra.core.tasks.flows.Pause
        """)
    ).flow
    assert flow.label_map == {"team": "false", "version": "1.10"}
    inner = flow.place("inner")
    assert inner.keys == ("tasks", 0, "tasks", 0)
    assert inner.parent is flow.task("outer")
    assert flow.task("absent") is None


def test_an_unknown_property_is_named_with_its_task_its_line_and_the_likely_one():
    found = problems("""\
        id: a
        namespace: b.c
        tasks:
          - id: say
            type: io.kestra.plugin.core.flow.Pause
            dely: PT5M
        """)
    ((path, line, column, message),) = found
    assert (path, line, column) == ("tasks[say].dely", 6, 5)
    assert message.startswith(
        'Unrecognized field "dely" in task `say`, did you mean `delay`? not marked as ignorable ('
    )
    assert ' known properties: "type", "id", ' in message


def test_all_problems_are_told_at_once():
    found = problems("""\
        id: a b
        namespace: Company
        nonsense: 1
        tasks:
          - id: one
            type: io.kestra.plugin.core.flow.Sequential
            retry: {type: constant, interval: soon}
            tasks: []
          - id: two
            type: io.kestra.plugin.core.flow.Sequentiel
        """)
    assert [path for path, *_ in found] == [
        "nonsense",
        "tasks[0].retry.interval",
        "tasks[one].tasks",
        "tasks[two].type",
        "id",
        "namespace",
    ]
    assert found[3][3].startswith("Invalid type: io.kestra.plugin.core.flow.Sequentiel, did you mean")
    assert found[2][3] == "The 'tasks' property cannot be empty"


def test_several_documents_have_one_outcome_each():
    good = f"id: a\nnamespace: b\ntasks:\n  - {{id: s, type: {SEQUENTIAL}, tasks: [{{id: p, type: io.kestra.plugin.core.flow.Pause}}]}}\n"
    first, second = parse_documents(good + "---\nid: a\nnamespace: b\ntasks: [{id: x, type: none.such}]\n")
    assert first.flow.id == "a"
    assert isinstance(second, FlowInvalid)
    assert "Invalid type: none.such" in second.message


@pytest.mark.parametrize("document", [None, 1, "text", [], True])
def test_a_document_that_is_no_map_is_refused(document):
    with pytest.raises(FlowInvalid, match="must be a map"):
        parse_document(document)


def test_a_single_task_is_read_from_a_map_or_from_yaml():
    assert parse_task({"id": "a", "type": "io.kestra.plugin.core.flow.Pause"}).id == "a"
    assert parse_task("id: a\ntype: io.kestra.plugin.core.flow.Pause").id == "a"
    with pytest.raises(FlowInvalid, match="must not be null"):
        parse_task("id: a")


def test_a_very_long_name_is_compared_with_nothing():
    found = problems(
        f"id: a\nnamespace: b\n{'x' * 300}: 1\ntasks: [{{id: p, type: io.kestra.plugin.core.flow.Pause}}]\n"
    )
    ((path, line, column, message),) = found
    assert (path, line, column) == ("x" * 300, 3, 1)
    assert message.startswith(f'Unrecognized field "{"x" * 300}" in the flow, not marked')


@pytest.mark.parametrize("spelling", ["{a: , b: x}", "[{key: a, value: }, {key: b, value: x}]"])
def test_an_empty_value_is_the_empty_text_where_no_type_is_known(spelling):
    document = (
        f"id: f\nnamespace: n\nvariables: {spelling}\ntasks: [{{id: t, type: io.kestra.plugin.core.debug.Return}}]\n"
    )
    if spelling.startswith("["):
        document = document.replace("variables: ", "variables: {list: ").replace("\ntasks", "}\ntasks")
    flow = parse_flow(document).flow
    found = flow.variables["list"][0]["value"] if "list" in flow.variables else flow.variables["a"]
    assert (found, type(found)) == ("", str)
    assert flow.document["variables"] in (
        {"a": "", "b": "x"},
        {"list": [{"key": "a", "value": ""}, {"key": "b", "value": "x"}]},
    )


def test_an_empty_value_is_nothing_where_a_type_is_known():
    source = "id: f\nnamespace: n\ndescription:\ntriggers:\nvariables:\ntasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: x, retry: , timeout: }]\n"
    flow = parse_flow(source).flow
    assert (flow.description, flow.tasks[0].timeout, flow.tasks[0].retry) == (None, None, None)
    assert not flow.triggers
