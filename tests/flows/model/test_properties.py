"""Whatever is given, the parser answers with a flow or with FlowInvalid, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from flows.expressions import Environment
from flows.model.defaults import Default, Defaults
from flows.model.documents.compose import compose_all
from flows.model.documents.tree import plain
from flows.model.errors import FlowInvalid
from flows.model.inputs.definitions import INPUT_TYPES, Input
from flows.model.inputs.resolve import resolve_inputs
from flows.model.parse import parse_document, parse_documents, parse_flow, parse_plugin, with_defaults
from flows.model.reading.read import read_model
from flows.model.reading.session import Reading
from flows.model.reading.shapes import shape_of
from flows.model.update import check_update
from plugins.catalog.registry import registry
from plugins.contracts import Plugin

FAST = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PAUSE = "io.kestra.plugin.core.flow.Pause"
SEQUENTIAL = "io.kestra.plugin.core.flow.Sequential"
SNIPPETS = [
    "id: a\n", "namespace: b\n", "tasks:\n", "  - id: t\n", f"    type: {PAUSE}\n", "    tasks: [", "]", "{", "}", "- ", "? ",
    ": ", "&a ", "*a", "<<: ", "!!str ", "'", '"', "|\n", ">\n", "---\n", "...\n", "# x\n", "\t", "\0", "\ud800", "%YAML\n",
    "triggers:\n", "inputs: [{id: a, type: STRING}]\n", "labels: {a: NO}\n", "{{ ", " }}", "{% if %}", "\u2028", "\ufeff",
]  # fmt: skip
NAMES = ["id", "namespace", "tasks", "type", "labels", "inputs", "triggers", "retry", "errors", "pluginDefaults", "values",
         "sla", "checks", "concurrency", "conditions", "cron", "key", "cases", "dependsOn", "onResume", "x"]  # fmt: skip
TYPES = [PAUSE, SEQUENTIAL, "STRING", "SELECT", "io.kestra.plugin.core.trigger.Flow", "io.kestra.plugin.core.flow.Dag",
         "io.kestra.plugin.core.flow.Switch", "MAX_DURATION", "constant", "", "io.kestra.plugin.core.trigger.Schedule"]  # fmt: skip
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True), st.text(max_size=8), st.sampled_from(TYPES)
)
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=25,
)


@FAST
@given(st.one_of(st.text(), st.lists(st.sampled_from(SNIPPETS)).map("".join), st.binary()))
@example("a: &a [*a]")
@example("\ud800")
def test_any_text_is_read_or_refused(source):
    for read in (parse_flow, parse_documents):
        try:
            read(source)
        except FlowInvalid as refused:
            assert refused.violations
            assert refused.message


@FAST
@given(documents)
def test_any_document_is_read_or_refused(document):
    try:
        parse_document(document)
    except FlowInvalid as refused:
        assert refused.violations


@FAST
@given(st.dictionaries(st.sampled_from(NAMES), documents, max_size=8))
def test_any_properties_of_a_flow_are_read_or_refused(properties):
    good = {"id": "a", "namespace": "b", "tasks": [{"id": "t", "type": PAUSE}]}
    try:
        flow = parse_document({**good, **properties}).flow
    except FlowInvalid:
        return
    json.dumps(flow.to_api(), allow_nan=True)
    check_update(flow, flow)


@FAST
@given(documents, documents)
def test_any_defaults_are_merged_or_refused(document, values):
    good = {"id": "a", "namespace": "b", "tasks": [{"id": "t", "type": PAUSE}]}
    given_values = values if isinstance(values, dict) else {"x": values}
    own = {"pluginDefaults": [{"type": PAUSE, "values": document}]} if isinstance(document, dict) else {}
    try:
        flow = parse_document({**good, **own}).flow
        with_defaults(flow, Defaults(instance=[Default("io.kestra", given_values, True)]))
    except FlowInvalid:
        return
    assert flow.document == {**good, **own}


@st.composite
def plugin_documents(draw: st.DrawFn) -> dict[str, Any]:
    """A plugin of any type with some of its own properties, of any kind."""
    plugin = draw(st.sampled_from(registry().all()))
    names = sorted(set(shape_of(plugin).names) - {"type"}) or ["unknown"]
    properties = draw(st.dictionaries(st.sampled_from(names), documents, max_size=6))
    return {"id": "a", **properties, "type": plugin.TYPE}


@settings(FAST, max_examples=300)
@given(plugin_documents())
def test_any_properties_of_any_plugin_are_read_or_refused(document):
    try:
        parse_plugin(Plugin, document)
    except FlowInvalid as refused:
        assert refused.violations


@FAST
@given(st.sampled_from(sorted(INPUT_TYPES)), documents, documents)
def test_any_value_of_any_input_is_converted_or_refused(kind, properties, value):
    given_properties = properties if isinstance(properties, dict) else {"defaults": properties}
    reading = Reading(registry(), root=given_properties)
    definition = read_model(Input, {"id": "a", "itemType": "INT", **given_properties, "type": kind}, reading)
    if definition is not None and not reading.violations:
        resolved = resolve_inputs([definition], {definition.id: value}, scope={}, env=Environment())
        assert resolved.errors or isinstance(resolved.values, dict)


finite = st.one_of(st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.text(st.characters(codec="ascii", categories=["L", "P", "Z"]), max_size=12))  # fmt: skip


@FAST
@given(
    st.recursive(
        finite, lambda i: st.lists(i, max_size=4) | st.dictionaries(st.text("abc_-", min_size=1), i, max_size=4)
    )
)
def test_what_yaml_writes_is_read_back(value: Any):
    # no digits in texts: `1e3` is a text to the writer, who speaks YAML 1.1, and a number to us
    text = yaml.safe_dump({"v": value}, default_flow_style=None)
    if "&id" in text:
        return
    assert plain(compose_all(text)[0]) == {"v": value}


@FAST
@given(
    st.recursive(
        finite,
        lambda i: (
            st.lists(i, max_size=4)
            | st.dictionaries(st.text(st.characters(categories=["L", "N"]), max_size=5), i, max_size=4)
        ),
    )
)
def test_json_is_yaml(value: Any):
    assert plain(compose_all(json.dumps({"v": value}, ensure_ascii=False))[0]) == {"v": value}
