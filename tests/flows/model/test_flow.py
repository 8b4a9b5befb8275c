"""A flow finds its tasks, tells its labels, and shows itself as it was written."""

import pytest

from flows.model.errors import FlowInvalid
from flows.model.parse import SAVED, ParseOptions, parse_flow, parse_runnable, parse_trigger
from flows.model.report import report, report_lines
from flows.model.update import check_update
from plugins.contracts import RunnableTask

SOURCE = """\
id: whole
namespace: company.team
revision: 3
labels:
  - {key: team, value: a}
variables: {rate: 012}
tasks:
  - id: choose
    type: io.kestra.plugin.core.flow.Switch
    value: "{{ inputs.x }}"
    cases:
      NO:
        - id: first
          type: io.kestra.plugin.core.flow.Pause
          onResume:
            - {id: why, type: STRING}
      null:
        - id: none
          type: io.kestra.plugin.core.flow.Pause
    defaults:
      - id: graph
        type: io.kestra.plugin.core.flow.Dag
        tasks:
          - task: {id: inner, type: io.kestra.plugin.core.flow.Pause}
errors:
  - {id: sorry, type: io.kestra.plugin.core.flow.Pause}
finally:
  - {id: tidy, type: io.kestra.plugin.core.flow.Pause}
afterExecution:
  - {id: tell, type: io.kestra.plugin.core.flow.Pause}
triggers:
  - {id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: k}
inputs:
  - {id: x, type: STRING}
"""


@pytest.fixture(scope="module")
def flow():
    return parse_flow(SOURCE).flow


def test_every_task_is_found_with_its_place(flow):
    places = {
        walked.task.id: (walked.keys, walked.branch, walked.parent and walked.parent.id) for walked in flow.walk()
    }
    assert places == {
        "choose": (("tasks", 0), "tasks", None),
        "first": (("tasks", 0, "cases", "NO", 0), "cases", "choose"),
        "none": (("tasks", 0, "cases", "null", 0), "cases", "choose"),
        "graph": (("tasks", 0, "defaults", 0), "defaults", "choose"),
        "inner": (("tasks", 0, "defaults", 0, "tasks", 0, "task"), "tasks", "graph"),
        "sorry": (("errors", 0), "errors", None),
        "tidy": (("finally", 0), "finally", None),
        "tell": (("afterExecution", 0), "afterExecution", None),
    }
    assert flow.place("inner").task is flow.task("inner")
    assert flow.place("nobody") is None
    assert flow.trigger("hook").key == "k"
    assert flow.trigger("nobody") is None


def test_it_is_shown_as_it_was_written(flow):
    shown = flow.to_api()
    assert shown["labels"] == [{"key": "team", "value": "a"}]
    assert shown["variables"] == {"rate": 10}
    assert (shown["revision"], shown["disabled"], shown["deleted"], shown["draft"]) == (3, False, False, False)
    assert shown["tasks"] == flow.document["tasks"]
    assert flow.to_api(revision=7)["revision"] == 7
    assert list(shown)[:4] == ["id", "namespace", "revision", "labels"]


def test_labels_of_both_spellings_are_a_map(flow):
    assert flow.label_map == {"team": "a"}
    assert parse_flow(SOURCE.replace("\n  - {key: team, value: a}", " {team: a}")).flow.label_map == {"team": "a"}


@pytest.mark.parametrize(
    ("change", "path", "line", "message"),
    [
        (("key: team", "key: system.x"), "labels", 5, "System labels can only be set by Kestra itself, offending label: system.x=a."),
        (("value: a", "value: ''"), "labels[0].value", 5, "must not be empty"),
        (("{id: why, type: STRING}", "{id: why, type: STRNG}"), "tasks[choose].cases.NO[first].onResume[why].type", 16, "Invalid type: STRNG, did you mean `STRING`?"),
        (("{id: why, type: STRING}", "{id: why, type: STRING, dependsOn: {inputs: [not]}}"), "", 16, "Invalid Flow: Input with id 'why' depends on a non-existent input 'not'."),
        (("{id: why, type: STRING}", "why"), "tasks[choose].cases.NO[first].onResume[0]", 16, "must be a map, but is `why`"),
        (("id: sorry", "id: inner"), "", 26, "Invalid Flow: Duplicate task id with name [inner]"),
        (("value: \"{{ inputs.x }}\"", "valu: x"), "tasks[choose].valu", 10, 'Unrecognized field "valu" in task `choose`, did you mean `value`? not marked'),
        (("key: k", "labels: {system.a: b}, key: k"), "triggers[hook].labels", 32, "System labels can only be set by Kestra itself, offending label: system.a=b."),
        (("key: k", "labels: [{key: system.a, value: b}], key: k"), "triggers[hook].labels", 32, "System labels can only be set by Kestra itself, offending label: system.a=b."),
        (("revision: 3", "revision: three"), "revision", 3, "must be a whole number, but is `three`"),
        (("revision: 3", "revision: 3.5"), "revision", 3, "must be a whole number, but is `3.5`"),
        (("revision: 3", "concurrency: {limit: 1, behavior: QUEU}"), "concurrency.behavior", 3, "must be one of QUEUE, CANCEL, FAIL, but is `QUEU`, did you mean `QUEUE`?"),
        (("revision: 3", "checks: [{message: m}]"), "checks[0].when", 3, "must not be null"),
        (("revision: 3", "sla: [{id: s, type: MAX_DURATION, behavior: FAIL}]"), "sla[0].duration", 3, "must not be null"),
        (("revision: 3", "sla: [{id: s, type: MAX_DURATION, behavior: FAIL, duration: PT1S, labels: {system.a: b}}]"), "sla[0].labels", 3, "System labels can only be set by Kestra itself, offending label: system.a=b."),
        (("revision: 3", "retry: {type: constant, interval: PT5S, maxDuration: PT1S}"), "retry.interval", 3, "'interval' must be less than 'maxDuration' but is PT5S"),
        (("revision: 3", "sla: [{id: s, type: MAX, behavior: FAIL}]"), "sla[0].type", 3, "Invalid type: MAX"),
        (("revision: 3", "outputs: [{id: o, type: TEXT, value: 1}]"), "outputs[0].type", 3, "Invalid type: TEXT"),
        (("variables: {rate: 012}", "variables: text"), "variables", 6, "must be a map, but is `text`"),
        (("revision: 3", "description: [a]"), "description", 3, "must be a text, but is a list"),
    ],
)  # fmt: skip
def test_a_problem_is_told_with_its_path_and_line(change, path, line, message):
    assert change[0] in SOURCE
    with pytest.raises(FlowInvalid) as refused:
        parse_flow(SOURCE.replace(*change))
    (found,) = refused.value.violations
    assert (found.path, found.line) == (path, line)
    assert found.message.partition(" as ignorable")[0] == message


def test_a_check_may_use_its_older_word():
    flow = parse_flow(SOURCE.replace("revision: 3", "checks: [{condition: '{{ true }}', message: m}]"))
    assert flow.flow.checks[0].expression == "{{ true }}"
    assert flow.deprecations == ["checks[0].condition"]


def test_the_name_of_a_flow_never_changes(flow):
    check_update(flow, flow)
    other = parse_flow(SOURCE.replace("id: whole", "id: other").replace("company.team", "company")).flow
    with pytest.raises(FlowInvalid) as refused:
        check_update(flow, other)
    assert [(v.path, v.message) for v in refused.value.violations] == [
        ("flow.id", "Illegal flow id update"),
        ("flow.namespace", "Illegal namespace update"),
    ]


def test_a_broken_expression_is_told_and_kept_unless_it_is_to_be_refused():
    source = SOURCE.replace("{{ inputs.x }}", "{{ inputs. }}")
    parsed = parse_flow(source)
    (problem,) = parsed.expression_problems
    assert (problem.path, problem.line) == ("tasks[choose].value", 10)
    assert any("Line 10, tasks[choose].value: The expression cannot be read" in warning for warning in parsed.warnings)
    with pytest.raises(FlowInvalid, match=r"tasks\[choose\].value: The expression cannot be read"):
        parse_flow(source, options=ParseOptions(refuses_expressions=True))


@pytest.mark.parametrize("place", ["description: '{{ inputs. }}'", "variables: {a: [{b: '{{ inputs. }}'}]}"])
def test_expressions_are_looked_at_where_they_are_rendered(place):
    parsed = parse_flow(SOURCE.replace("variables: {rate: 012}", place))
    assert [p.path for p in parsed.expression_problems] == ([] if "description" in place else ["variables.a[0].b"])


def test_unknown_properties_may_be_ignored():
    source = SOURCE + "nonsense: 1\n"
    assert parse_flow(source, options=ParseOptions(ignores_unknown=True)).flow.id == "whole"


def test_a_schedule_that_leaves_required_inputs_open_is_refused():
    schedule = "  - {id: s, type: io.kestra.plugin.core.trigger.Schedule, cron: '@daily'}\n"
    with pytest.raises(FlowInvalid) as refused:
        parse_flow(SOURCE.replace("triggers:\n", "triggers:\n" + schedule))
    assert refused.value.message == ": Invalid Flow: Missing inputs for Schedule Trigger 's', missing inputs: 'x'"
    given = schedule.replace("'@daily'", "'@daily', inputs: {x: a}")
    assert parse_flow(SOURCE.replace("triggers:\n", "triggers:\n" + given)).warnings == []


def test_a_flow_trigger_without_limits_is_warned_of():
    trigger = "  - {id: t, type: io.kestra.plugin.core.trigger.Flow}\n"
    (warning,) = parse_flow(SOURCE.replace("triggers:\n", "triggers:\n" + trigger)).warnings
    assert warning.startswith("This flow will be triggered for EVERY execution of EVERY flow")


def test_a_report_tells_what_is_wrong_or_what_to_know():
    old = SOURCE.replace("io.kestra.plugin.core.flow.Dag", "io.kestra.core.tasks.flows.Dag") + "listeners: []\n"
    parsed = parse_flow(old)
    assert report(parsed) == {
        "namespace": "company.team",
        "flow": "whole",
        "deprecationPaths": ["listeners"],
        "warnings": [],
        "infos": ["io.kestra.core.tasks.flows.Dag is replaced by io.kestra.plugin.core.flow.Dag"],
    }
    assert report_lines(parsed) == [
        "✓ - company.team / whole",
        "⚠ - listeners is deprecated",
        "ℹ - io.kestra.core.tasks.flows.Dag is replaced by io.kestra.plugin.core.flow.Dag",
    ]


def test_a_report_of_a_refusal_lists_lines():
    with pytest.raises(FlowInvalid) as refused:
        parse_flow("id: a\nnamespace: b\ntask: []\n")
    told = report(refused.value)
    first, second = told["constraints"].split("\n")
    unknown = 'Unrecognized field "task" in the flow, did you mean `tasks`? not marked as ignorable ('
    assert first.startswith(f"task: {unknown}")
    assert second == "tasks: must not be empty"
    found = told["violations"][0]
    assert found.pop("message").startswith(unknown)
    assert found == {"path": "task", "line": 3, "column": 1}
    assert report_lines(refused.value, "file.yaml")[0] == "✘ - file.yaml"
    assert report_lines(refused.value)[1].startswith("  line 3: task: Unrecognized")


def test_single_plugins_are_read_as_what_they_must_be():
    assert isinstance(parse_runnable({"id": "a", "type": "io.kestra.plugin.core.log.Log", "message": 12}), RunnableTask)
    with pytest.raises(FlowInvalid, match="Invalid type"):
        parse_runnable({"id": "a", "type": "io.kestra.plugin.core.flow.Pause"})
    with pytest.raises(FlowInvalid, match="is a task, but a trigger is expected here"):
        parse_trigger({"id": "a", "type": "io.kestra.plugin.core.flow.Pause"})


def test_more_problems_than_anybody_reads_are_cut_off():
    with pytest.raises(FlowInvalid) as refused:
        parse_flow({"id": "a", "namespace": "b", "tasks": ["x"] * 1000})
    assert len(refused.value.violations) == 200


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("type: io.kestra.plugin.core.flow.Sequential", "tasks[a].tasks: The 'tasks' property cannot be empty"),
        (
            "type: io.kestra.plugin.core.flow.Parallel, tasks: []",
            "tasks[a].tasks: The 'tasks' property cannot be empty",
        ),
        ("type: io.kestra.plugin.core.flow.WorkingDirectory", "a: The 'tasks' property cannot be empty"),
        ("type: io.kestra.plugin.core.log.Log", "tasks[a].message: must not be null"),
    ],
)
def test_a_group_without_tasks_is_empty_and_a_value_left_out_is_null(task, message):
    with pytest.raises(FlowInvalid) as refused:
        parse_flow(f"id: a\nnamespace: b\ntasks:\n  - {{id: a, {task}}}\n")
    assert message in refused.value.message


def test_a_label_needs_a_value():
    with pytest.raises(FlowInvalid, match=r"labels\[0\].value: must not be empty"):
        parse_flow(SOURCE.replace("labels:\n  - {key: team, value: a}", "labels: {a: ''}"))


def test_what_a_pause_asks_for_must_be_a_list():
    with pytest.raises(FlowInvalid, match="onResume: must be a list, but is a map"):
        parse_flow(SOURCE.replace("onResume:\n            - {id: why, type: STRING}", "onResume: {id: why}"))


MISFITS = """
id: f
namespace: a
tasks:
  - {id: l, type: io.kestra.plugin.core.log.Log, message: x, level: NOISE}
  - {id: t, type: io.kestra.plugin.core.log.Log, message: x, timeout: soon}
"""


def test_a_text_that_is_no_value_of_a_rendered_property_is_doubted_not_refused():
    assert parse_flow(MISFITS).warnings == [
        "Line 5, tasks[l].level: must be one of TRACE, DEBUG, INFO, WARN, ERROR, but is `NOISE`",
        "Line 6, tasks[t].timeout: `soon` is not a duration: write it like `PT5M`, `P1DT2H` or `5m`",
    ]


def test_what_a_property_that_is_never_rendered_holds_must_fit():
    with pytest.raises(FlowInvalid, match="disabled: must be `true` or `false`"):
        parse_flow(MISFITS.replace("level: NOISE", "disabled: perhaps"))
    with pytest.raises(FlowInvalid, match="level: must be one of"):
        parse_flow(MISFITS.replace("level: NOISE", "level: [INFO]"))


def test_a_flow_that_was_saved_before_a_rule_came_is_still_read():
    twice = MISFITS.replace("id: t,", "id: l,").replace("level: NOISE", "shade: blue")
    with pytest.raises(FlowInvalid):
        parse_flow(twice)
    assert [task.id for task in parse_flow(twice, options=SAVED).flow.tasks] == ["l", "l"]
