"""Expressions rendered before anything runs."""

from flows.editing.previewing import flow_scope, rendered
from flows.model.parse import parse_flow

FLOW = """
id: hello
namespace: company.team
variables: {day: monday}
inputs: [{id: name, type: STRING, defaults: you}]
labels: {team: sales}
tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: m}]
"""


def test_what_the_flow_tells_is_rendered():
    scope = flow_scope(parse_flow(FLOW).flow, "acme")
    asked = ["{{ 1 + 2 }}", "{{ flow.id }} on {{ vars.day }}", "{{ inputs.name | upper }}", "{{ labels.team }}"]
    assert list(rendered(asked, scope).values()) == ["3", "hello on monday", "YOU", "sales"]


def test_what_needs_an_execution_or_the_outside_is_handed_back_as_it_was():
    asked = ["{{ outputs.t.value }}", "{{ secret('KEY') }}", "{{ broken"]
    assert rendered(asked, flow_scope(None, "acme")) == {each: each for each in asked}
