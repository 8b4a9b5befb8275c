"""Each condition is a table: what it is told, and what it says."""

import pytest

from flows.model.errors import FlowInvalid
from flows.model.parse import parse_plugin
from plugins.contracts import Condition, PluginError
from tests.plugins.facts import make_execution, make_facts

PREFIX = "io.kestra.plugin.core.condition."


def condition(name, **properties):
    return parse_plugin(Condition, {"type": PREFIX + name, **properties})


def holds(name, execution=None, scope=None, **properties):
    return condition(name, **properties).holds(make_facts(execution, scope))


AT = {"trigger": {"date": "2024-05-01T10:00:00Z"}}

ON_DATES = [
    ("DateTimeBetween", {"after": "2024-05-01T09:00:00Z"}, True),
    ("DateTimeBetween", {"after": "2024-05-01T10:00:00Z"}, False),
    ("DateTimeBetween", {"before": "2024-05-01T12:00:00+02:00"}, False),
    ("DateTimeBetween", {"before": "2024-05-01T12:00:01+02:00", "after": "2024-05-01T09:59:59Z"}, True),
    ("DateTimeBetween", {"before": "{{ now() }}"}, True),
    ("TimeBetween", {"after": "09:59:59Z", "before": "10:00:01Z"}, True),
    ("TimeBetween", {"after": "10:00:00Z"}, False),
    ("TimeBetween", {"after": "11:59:59+02:00"}, True),
    ("TimeBetween", {"before": "12:00:00+02:00"}, False),
    ("TimeBetween", {"after": "09:00"}, True),
    ("DayWeek", {"dayOfWeek": "WEDNESDAY"}, True),
    ("DayWeek", {"dayOfWeek": "THURSDAY"}, False),
    ("DayWeek", {"dayOfWeek": "SUNDAY", "date": "2024-05-05"}, True),
    ("DayWeekInMonth", {"dayOfWeek": "WEDNESDAY", "dayInMonth": "FIRST"}, True),
    ("DayWeekInMonth", {"dayOfWeek": "WEDNESDAY", "dayInMonth": "SECOND"}, False),
    ("DayWeekInMonth", {"dayOfWeek": "WEDNESDAY", "dayInMonth": "SECOND", "date": "2024-05-08"}, True),
    ("DayWeekInMonth", {"dayOfWeek": "WEDNESDAY", "dayInMonth": "FOURTH", "date": "2024-05-22"}, True),
    ("DayWeekInMonth", {"dayOfWeek": "WEDNESDAY", "dayInMonth": "LAST", "date": "2024-05-22"}, False),
    ("DayWeekInMonth", {"dayOfWeek": "WEDNESDAY", "dayInMonth": "LAST", "date": "2024-05-29"}, True),
    ("DayWeekInMonth", {"dayOfWeek": "MONDAY", "dayInMonth": "LAST", "date": "2024-05-29"}, False),
    ("Weekend", {}, False),
    ("Weekend", {"date": "2024-05-04"}, True),
    ("Weekend", {"date": "2024-05-05T23:59:59+02:00"}, True),
    ("PublicHoliday", {"country": "FR"}, True),
    ("PublicHoliday", {"country": "fr"}, True),
    ("PublicHoliday", {"country": "US"}, False),
    ("PublicHoliday", {"country": "DE", "subDivision": "BE", "date": "2024-03-08"}, True),
    ("PublicHoliday", {"country": "DE", "date": "2024-03-08"}, False),
]


@pytest.mark.parametrize(("name", "properties", "expected"), ON_DATES)
def test_a_condition_on_dates_looks_at_the_date_of_the_trigger(name, properties, expected):
    assert holds(name, scope=AT, **properties) is expected


LABELLED = make_execution(labels={"team": "a", "stage": "dev"})
ON_EXECUTIONS = [
    ("ExecutionFlow", make_execution(), {"namespace": "company.team", "flowId": "upstream"}, True),
    ("ExecutionFlow", make_execution(), {"namespace": "company", "flowId": "upstream"}, False),
    ("ExecutionFlow", make_execution(), {"namespace": "company.team", "flowId": "other"}, False),
    ("ExecutionNamespace", make_execution(), {"namespace": "company.team"}, True),
    ("ExecutionNamespace", make_execution(), {"namespace": "company"}, False),
    ("ExecutionNamespace", make_execution(), {"namespace": "company", "prefix": True}, True),
    ("ExecutionNamespace", make_execution(), {"namespace": "company", "comparison": "PREFIX"}, True),
    ("ExecutionNamespace", make_execution(), {"namespace": "team", "comparison": "SUFFIX"}, True),
    ("ExecutionNamespace", make_execution(), {"namespace": "company", "prefix": True, "comparison": "EQUALS"}, False),
    ("ExecutionLabels", LABELLED, {"labels": {"team": "a"}}, True),
    ("ExecutionLabels", LABELLED, {"labels": [{"key": "team", "value": "a"}, {"key": "stage", "value": "dev"}]}, True),
    ("ExecutionLabels", LABELLED, {"labels": {"team": "b"}}, False),
    ("ExecutionLabels", make_execution(labels=None), {"labels": {"team": "a"}}, False),
    ("ExecutionStatus", make_execution(), {"in": ["SUCCESS", "WARNING"]}, True),
    ("ExecutionStatus", make_execution(), {"in": ["FAILED"]}, False),
    ("ExecutionStatus", make_execution(), {"notIn": ["SUCCESS"]}, False),
    ("ExecutionStatus", make_execution(), {}, True),
    ("ExecutionOutputs", make_execution(outputs={"a": 1}), {"expression": "{{ trigger.outputs.a == 1 }}"}, True),
    ("ExecutionOutputs", make_execution(outputs={"a": 1}), {"expression": "{{ trigger.outputs.a == 2 }}"}, False),
    ("ExecutionOutputs", make_execution(outputs={}), {"expression": "{{ broken"}, False),
    ("HasRetryAttempt", make_execution(attempts=[["FAILED", "SUCCESS"]]), {"in": ["FAILED"]}, True),
    ("HasRetryAttempt", make_execution(attempts=[["KILLED", "SUCCESS"]]), {"in": ["FAILED"]}, False),
    ("HasRetryAttempt", make_execution(attempts=[["KILLED", "SUCCESS"]]), {"notIn": ["FAILED"]}, True),
    ("HasRetryAttempt", make_execution(attempts=[["FAILED"]]), {"in": ["FAILED"]}, False),
    ("HasRetryAttempt", make_execution(), {}, False),
    ("FlowCondition", None, {"namespace": "company.team", "flowId": "here"}, True),
    ("FlowCondition", None, {"namespace": "company.team", "flowId": "there"}, False),
    ("FlowNamespaceCondition", None, {"namespace": "company.team"}, True),
    ("FlowNamespaceCondition", None, {"namespace": "company"}, False),
    ("FlowNamespaceCondition", None, {"namespace": "company", "prefix": True}, True),
]


@pytest.mark.parametrize(("name", "execution", "properties", "expected"), ON_EXECUTIONS)
def test_a_condition_on_executions_looks_at_the_one_that_changed(name, execution, properties, expected):
    assert holds(name, execution, **properties) is expected


@pytest.mark.parametrize("name", ["ExecutionFlow", "ExecutionNamespace", "ExecutionStatus", "ExecutionLabels"])
def test_without_an_execution_such_a_condition_does_not_hold(name):
    properties = {
        "ExecutionFlow": {"namespace": "a", "flowId": "b"},
        "ExecutionNamespace": {"namespace": "a"},
        "ExecutionStatus": {"in": ["SUCCESS"]},
        "ExecutionLabels": {"labels": {"a": "b"}},
    }[name]
    assert not holds(name, None, **properties)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("{{ true }}", True),
        ("{{ false }}", False),
        ("{{ null }}", False),
        ("", False),
        ("  ", False),
        (" FALSE ", True),
        ("\n false \n", False),
        ("0", False),
        (" -0", False),
        ("0.0", True),
        ("{{ 1 > 2 }}", False),
        ("anything", True),
    ],
)
def test_an_expression_is_true_unless_it_is_blank_false_or_zero(expression, expected):
    assert holds("Expression", expression=expression) is expected


NO = {"type": PREFIX + "Expression", "expression": "false"}
YES = {"type": PREFIX + "Expression", "expression": "true"}


@pytest.mark.parametrize(
    ("name", "conditions", "expected"),
    [
        ("Not", [NO], True),
        ("Not", [NO, YES], False),
        ("Or", [NO, YES], True),
        ("Or", [NO, NO], False),
    ],
)
def test_conditions_combine(name, conditions, expected):
    assert holds(name, conditions=conditions) is expected


def test_a_multiple_condition_counts_what_was_met_before():
    both = condition("MultipleCondition", id="both", window="PT1H", conditions={"yes": YES, "no": NO})
    assert both.met_by(make_facts()) == {"yes"}
    assert not both.holds(make_facts())
    assert both.holds(make_facts(met={"both": ["no"]}))
    assert both.span.window.total_seconds() == 3600


@pytest.mark.parametrize(
    ("name", "properties", "message"),
    [
        ("DayWeek", {"dayOfWeek": "MONDAY", "date": "{{ nothing }}"}, "Unable to find `nothing`"),
        ("DayWeek", {"dayOfWeek": "MONDAY", "date": "soon"}, "`soon` is not a date"),
        ("DateTimeBetween", {"after": "soon", "date": "2024-05-01"}, "is not a date with time"),
        ("TimeBetween", {"after": "soon", "date": "2024-05-01"}, "is not a time"),
        ("PublicHoliday", {"country": "XX", "date": "2024-05-01"}, "holidays of `XX` are not known"),
        ("PublicHoliday", {"country": "DE", "subDivision": "XX", "date": "2024-05-01"}, "`XX` of `DE`"),
        ("Expression", {"expression": "{{ nothing }}"}, "Unable to find `nothing`"),
    ],
)
def test_what_cannot_be_decided_is_told(name, properties, message):
    with pytest.raises(PluginError, match=message):
        holds(name, **properties)


@pytest.mark.parametrize(
    ("name", "properties", "message"),
    [
        ("DateTimeBetween", {}, "cannot both be missing"),
        ("TimeBetween", {}, "cannot both be missing"),
        ("DayWeek", {"dayOfWeek": "MONTAG"}, "must be one of MONDAY, TUESDAY"),
        ("DayWeekInMonth", {"dayOfWeek": "MONDAY", "dayInMonth": "FIFTH"}, "must be one of FIRST"),
        ("Not", {"conditions": []}, "must not be empty"),
        ("ExecutionStatus", {"in": ["DONE"]}, "must be one of CREATED"),
        ("MultipleCondition", {"conditions": {"a": YES}}, "must not be null"),
        ("ExecutionLabels", {"labels": [{"key": "a"}]}, "must not be null"),
    ],
)
def test_a_wrong_condition_is_refused(name, properties, message):
    with pytest.raises(FlowInvalid, match=message):
        condition(name, **properties)


def test_a_country_left_out_is_that_of_the_machine(monkeypatch):
    monkeypatch.setattr("locale.getlocale", lambda: ("fr_FR", "UTF-8"))
    assert holds("PublicHoliday", date="2024-07-14")
    monkeypatch.setattr("locale.getlocale", lambda: (None, None))
    assert holds("PublicHoliday", date="2024-07-04")


def test_dates_may_come_as_values_of_expressions():
    from datetime import date, datetime

    assert holds("Weekend", scope={"day": date(2024, 5, 4)}, date="{{ day }}")
    assert holds("Weekend", scope={"day": datetime(2024, 5, 4)}, date="{{ day }}")
    assert holds("DateTimeBetween", scope={"at": datetime(2024, 5, 4)}, date="{{ at }}", after="2024-05-03")
