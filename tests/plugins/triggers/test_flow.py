"""A flow trigger reacts to executions of other flows, alone or together."""

import pytest

from flows.model.errors import FlowInvalid
from flows.model.parse import parse_trigger
from plugins.contracts import PluginError, State
from plugins.triggers.flow import flow_trigger_variables, needed_by
from tests.plugins.facts import make_execution, make_facts

CONDITION = "io.kestra.plugin.core.condition."
MULTIPLE = {
    "type": CONDITION + "MultipleCondition",
    "id": "m",
    "window": "PT1H",
    "conditions": {"a": {"type": CONDITION + "ExecutionFlow", "namespace": "company.team", "flowId": "upstream"}},
}


def trigger(**properties):
    return parse_trigger({"id": "f", "type": "io.kestra.plugin.core.trigger.Flow", **properties})


@pytest.mark.parametrize(
    ("states", "state", "expected"),
    [
        ([], State.SUCCESS, True),
        ([], State.FAILED, True),
        ([], State.KILLED, True),
        ([], State.RUNNING, False),
        ([], State.PAUSED, False),
        (["RUNNING", "PAUSED"], State.PAUSED, True),
        (["RUNNING"], State.SUCCESS, False),
        (["CREATED"], State.CREATED, False),
    ],
)
def test_it_reacts_to_the_terminal_states_unless_it_says_which(states, state, expected):
    assert trigger(states=states).reacts_to(state) is expected
    assert trigger(states=states).accepts(make_facts(make_execution(state=state.value))) is expected


def test_it_never_reacts_to_its_own_flow():
    assert not trigger().accepts(make_facts(make_execution(flowId="here")))


def test_all_conditions_must_hold_but_those_that_wait_for_several():
    status = {"type": CONDITION + "ExecutionStatus", "in": ["FAILED"]}
    assert not trigger(conditions=[status]).accepts(make_facts(make_execution()))
    assert trigger(conditions=[status]).accepts(make_facts(make_execution(state="FAILED")))
    assert trigger(conditions=[MULTIPLE]).accepts(make_facts(make_execution(flowId="other")))
    assert not trigger(when="{{ false }}").accepts(make_facts(make_execution()))


def test_what_waits_for_several_is_listed_with_what_it_needs():
    both = trigger(conditions=[MULTIPLE], preconditions={"id": "p", "flows": [{"namespace": "company.team"}]})
    multiple, preconditions = both.windows()
    assert (multiple.id, needed_by(multiple)) == ("m", {"a"})
    assert (preconditions.id, needed_by(preconditions)) == ("p", {"flow-0"})
    assert multiple.span.window.total_seconds() == 3600
    assert preconditions.span.type == "DURATION_WINDOW"
    assert multiple.met_by(make_facts(make_execution())) == {"a"}
    assert preconditions.met_by(make_facts(make_execution())) == {"flow-0"}


def test_dependencies_may_be_written_as_preconditions():
    flows = [{"namespace": "company.team", "flowId": "upstream"}]
    for written, name in (({"id": "d", "flows": flows, "unheardOf": 1}, "d"), (flows, "dependsOn")):
        own = trigger(dependsOn=written)
        assert [window.id for window in own.windows()] == [name]
        assert next(own.windows()).met_by(make_facts(make_execution())) == {"flow-0"}
        assert not own.is_unbounded


def test_dependencies_that_cannot_be_read_are_refused():
    with pytest.raises(FlowInvalid, match=r"dependsOn: flows\.0\.namespace: field required"):
        trigger(dependsOn=[{"flowId": "upstream"}])


def test_one_without_any_limit_is_told():
    assert trigger().is_unbounded
    assert not trigger(when="{{ true }}").is_unbounded


def test_two_windows_of_one_name_are_refused():
    with pytest.raises(FlowInvalid, match=r"Duplicate condition with id \[m\]"):
        trigger(conditions=[MULTIPLE, MULTIPLE])


FLOWS = [
    ({"namespace": "company.team"}, {}, True),
    ({"namespace": "company"}, {}, False),
    ({"namespace": "company.team", "flowId": "upstream"}, {}, True),
    ({"namespace": "company.team", "flowId": "other"}, {}, False),
    ({"namespace": "company.team", "states": ["SUCCESS"]}, {}, True),
    ({"namespace": "company.team", "states": ["FAILED"]}, {}, False),
    ({"namespace": "company.team", "labels": {"a": "1"}}, {"labels": {"a": "1", "b": "2"}}, True),
    ({"namespace": "company.team", "labels": {"a": "1"}}, {"labels": {"a": "2"}}, False),
]


@pytest.mark.parametrize(("flow", "execution", "expected"), FLOWS)
def test_an_upstream_flow_is_known_by_name_state_and_labels(flow, execution, expected):
    own = trigger(preconditions={"id": "p", "flows": [flow]}).preconditions
    assert bool(own.met_by(make_facts(make_execution(**execution)))) is expected


FILTERS = [
    ({"field": "FLOW_ID", "type": "EQUAL_TO", "value": "upstream"}, True),
    ({"field": "FLOW_ID", "type": "NOT_EQUAL_TO", "value": "upstream"}, False),
    ({"field": "FLOW_ID", "type": "IN", "values": ["a", "upstream"]}, True),
    ({"field": "FLOW_ID", "type": "NOT_IN", "values": ["a", "upstream"]}, False),
    ({"field": "NAMESPACE", "type": "STARTS_WITH", "value": "company"}, True),
    ({"field": "NAMESPACE", "type": "ENDS_WITH", "value": ".team"}, True),
    ({"field": "NAMESPACE", "type": "CONTAINS", "value": "any.t"}, True),
    ({"field": "NAMESPACE", "type": "REGEX", "value": r"company\..*"}, True),
    ({"field": "NAMESPACE", "type": "REGEX", "value": "company"}, False),
    ({"field": "STATE", "type": "EQUAL_TO", "value": "SUCCESS"}, True),
    ({"field": "STATE", "type": "IS_NULL", "value": "x"}, False),
    ({"field": "STATE", "type": "IS_NOT_NULL", "value": "x"}, True),
    ({"field": "EXPRESSION", "type": "IS_TRUE", "value": "{{ trigger.ok }}"}, True),
    ({"field": "EXPRESSION", "type": "IS_FALSE", "value": "{{ trigger.ok }}"}, False),
    ({"field": "EXPRESSION", "type": "IS_NULL", "value": "{{ null }}"}, True),
    ({"field": "EXPRESSION", "type": "IN", "values": [""]}, True),
]


@pytest.mark.parametrize(("entry", "expected"), FILTERS)
def test_a_filter_compares_a_field_or_an_expression(entry, expected):
    own = trigger(preconditions={"id": "p", "where": [{"id": "w", "filters": [entry]}]}).preconditions
    assert bool(own.met_by(make_facts(make_execution(), {"trigger": {"ok": True}}))) is expected


@pytest.mark.parametrize(("operand", "expected"), [("AND", False), ("OR", True)])
def test_filters_hold_together_or_one_of_them(operand, expected):
    filters = [FILTERS[0][0], FILTERS[1][0]]
    own = trigger(preconditions={"id": "p", "where": [{"id": "w", "operand": operand, "filters": filters}]})
    assert bool(own.preconditions.met_by(make_facts(make_execution()))) is expected


def test_a_pattern_nobody_can_read_is_told():
    entry = {"field": "FLOW_ID", "type": "REGEX", "value": "("}
    own = trigger(preconditions={"id": "p", "where": [{"id": "w", "filters": [entry]}]})
    with pytest.raises(PluginError, match="invalid pattern"):
        own.preconditions.met_by(make_facts(make_execution()))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"type": "EQUAL_TO", "value": "a", "values": ["b"]}, "`values` must be null for type EQUAL_TO"),
        ({"type": "EQUAL_TO"}, "`value` cannot be null for type EQUAL_TO"),
        ({"type": "IS_TRUE", "values": ["b"]}, "`value` cannot be null for type IS_TRUE"),
        ({"type": "NOT_IN", "value": "a"}, "`value` must be null for type NOT_IN"),
        ({"type": "IN"}, "`values` cannot be null for type IN"),
    ],
)
def test_a_filter_takes_a_value_or_values(entry, message):
    with pytest.raises(FlowInvalid) as refused:
        trigger(preconditions={"id": "p", "where": [{"id": "w", "filters": [{"field": "FLOW_ID", **entry}]}]})
    assert [violation.message for violation in refused.value.violations] == [message]


def test_two_groups_of_filters_of_one_name_are_refused():
    group = {"id": "w", "filters": [FILTERS[0][0]]}
    with pytest.raises(FlowInvalid, match=r"Duplicate preconditions filter with id \[w\]"):
        trigger(preconditions={"id": "p", "where": [group, group]})


def test_the_variables_of_the_started_execution_tell_of_the_other():
    found = flow_trigger_variables(make_execution(outputs={"a": 1}, flowRevision=3))
    assert found == {
        "executionId": "e1",
        "namespace": "company.team",
        "flowId": "upstream",
        "flowRevision": 3,
        "state": "SUCCESS",
        "outputs": {"a": 1},
    }
