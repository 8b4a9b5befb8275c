"""A flow trigger reacts to executions of other flows, alone or together."""

import pytest

from flows.model.errors import FlowInvalid
from flows.model.parse import parse_trigger
from plugins.contracts import PluginError, State
from plugins.triggers.flow import flow_trigger_variables, is_complete, needed_by
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
        ([], State.PAUSED, True),
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


UPSTREAM = {"namespace": "company.team", "flowId": "upstream"}
OTHER = {"namespace": "company.team", "flowId": "other"}


@pytest.mark.parametrize(
    ("more", "execution", "expected"),
    [
        ({}, {}, True),
        ({"namespace": None}, {}, True),
        ({"flowId": None}, {"flowId": "any"}, True),
        ({"flowId": "other"}, {}, False),
        ({"states": ["FAILED"]}, {}, False),
        ({"labels": {"a": "1"}}, {"labels": {"a": "1", "b": "2"}}, True),
        ({"labels": {"a": "1"}}, {"labels": {"a": "2"}}, False),
        ({"when": "{{ 1 == 1 }}"}, {}, True),
        ({"when": "{{ 1 == 2 }}"}, {}, False),
    ],
)
def test_a_dependency_is_met_by_what_it_names(more, execution, expected):
    (window,) = trigger(dependsOn=[{**UPSTREAM, **more}]).windows()
    assert bool(window.met_by(make_facts(make_execution(**execution)))) is expected


@pytest.mark.parametrize(
    ("more", "one", "both"),
    [
        ({}, False, True),
        ({"mode": "ALL"}, False, True),
        ({"mode": "ANY"}, True, True),
        ({"mode": "AT_LEAST", "minSatisfied": 1}, True, True),
        ({"mode": "AT_LEAST", "minSatisfied": 2}, False, True),
        ({"mode": "AT_LEAST", "minSatisfied": 9}, False, True),
    ],
)
def test_the_mode_says_how_many_dependencies_are_enough(more, one, both):
    (window,) = trigger(dependsOn=[UPSTREAM, OTHER], **more).windows()
    assert (is_complete(window, {"flow-0"}), is_complete(window, {"flow-0", "flow-1"})) == (one, both)


@pytest.mark.parametrize(
    ("window", "kind"),
    [
        ({"every": "PT1H"}, "DURATION_WINDOW"),
        ({"every": "PT1H", "offset": "PT5M"}, "DURATION_WINDOW"),
        ({"lookback": "PT1H"}, "SLIDING_WINDOW"),
        ({"from": "09:00:00", "to": "17:00:00", "timezone": "Europe/Paris"}, "DAILY_TIME_WINDOW"),
        ({"deadline": "09:00:00"}, "DAILY_TIME_DEADLINE"),
    ],
)
def test_a_window_is_one_of_four_kinds(window, kind):
    (own,) = trigger(dependsOn=[UPSTREAM], window=window).windows()
    assert own.span.type == kind
    assert list(own.span.problems()) == []


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"window": {}}, "must be one of `every`, `lookback`"),
        ({"window": {"every": "PT1H", "lookback": "PT1H"}}, "must be one of `every`"),
        ({"window": {"lookback": "PT1H", "offset": "PT1M"}}, "needs `every`"),
        ({"window": {"from": "09:00"}}, "`from` and `to` need each other"),
        ({"window": {"deadline": "25:00"}}, "`25:00` is not a time"),
        ({"window": {"every": "PT1H", "timezone": "Mars"}}, "Unknown time-zone ID"),
        ({"mode": "AT_LEAST"}, "minSatisfied: must not be null"),
        ({"mode": "AT_LEAST", "minSatisfied": 0}, "must be greater than 0"),
        ({"mode": "SOME"}, "must be one of ALL, ANY, AT_LEAST"),
        ({"dependsOn": [{"flow": "a"}]}, 'Unrecognized field "flow"'),
    ],
)
def test_what_makes_no_sense_is_refused(more, message):
    with pytest.raises(FlowInvalid, match=message):
        trigger(**{"dependsOn": [UPSTREAM], **more})


def test_a_pause_counts_unless_other_states_are_asked_for():
    assert trigger().reacts_to(State.PAUSED)
    assert not trigger(states=["SUCCESS"]).reacts_to(State.PAUSED)


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
        "executionLabels": {},
    }
