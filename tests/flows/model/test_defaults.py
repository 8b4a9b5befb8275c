"""Plugin defaults: who wins, how deep they reach, and what they leave alone."""

from __future__ import annotations

from typing import Any

import pytest

from flows.model.defaults import NO_DEFAULTS, Default, Defaults, apply_defaults
from flows.model.documents.compose import compose
from flows.model.errors import FlowInvalid
from flows.model.parse import parse_flow, with_defaults
from plugins.catalog.registry import registry

THING = "com.example.thing.Thing"


def applied(
    task: dict[str, Any], own: list[dict[str, Any]], *instance: Default, **outer: list[Default]
) -> dict[str, Any]:
    document = {"tasks": [task], "pluginDefaults": own}
    merged = apply_defaults(document, Defaults(instance=instance, **outer), registry())
    return merged["tasks"][0]


def default(values: dict[str, Any], type: str = THING, forced: bool = False) -> dict[str, Any]:
    return {"type": type, "values": values, "forced": forced}


@pytest.mark.parametrize(
    ("task", "own", "instance", "expected"),
    [
        ({}, {"a": "flow"}, {"a": "instance"}, "flow"),
        ({"a": "task"}, {"a": "flow"}, {"a": "instance"}, "task"),
        ({}, {}, {"a": "instance"}, "instance"),
        ({"a": None}, {"a": "flow"}, {}, "flow"),
        ({"a": False}, {"a": True}, {}, False),
    ],
)
def test_the_nearest_value_wins(task, own, instance, expected):
    assert applied({"type": THING, **task}, [default(own)], Default(THING, instance))["a"] == expected


@pytest.mark.parametrize(
    ("flow_forced", "instance_forced", "expected"),
    [(True, True, "instance"), (True, False, "flow"), (False, True, "instance"), (False, False, "task")],
)
def test_a_forced_value_wins_over_the_task(flow_forced, instance_forced, expected):
    found = applied(
        {"type": THING, "a": "task"},
        [default({"a": "flow"}, forced=flow_forced)],
        Default(THING, {"a": "instance"}, instance_forced),
    )
    assert found["a"] == expected


SHELL = "io.kestra.plugin.scripts.shell.Commands"
PROCESS = {"type": "io.kestra.plugin.core.runner.Process"}
WALLS = {**PROCESS, "fileSystem": "PRIVATE", "networkMode": "none"}


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"containerImage": "ubuntu", "runner": "DOCKER"},
        {"taskRunner": {**PROCESS, "fileSystem": "SHARED", "networkMode": "host"}},
        {"taskRunner": {"type": "io.kestra.plugin.scripts.runner.docker.Docker"}},
    ],
)
@pytest.mark.parametrize("named", [SHELL, "io.kestra.plugin.scripts"])
def test_a_forced_sandbox_cannot_be_left_by_what_a_task_says(written, named):
    forced = Default(named, {"taskRunner": WALLS}, True)
    assert applied({"type": SHELL, **written}, [], forced)["taskRunner"] == WALLS


def test_namespace_comes_before_tenant_before_instance():
    outer = {
        "namespace": [Default(THING, {"a": "namespace"})],
        "tenant": [Default(THING, {"a": "tenant", "b": "tenant"})],
    }
    found = applied({"type": THING}, [], Default(THING, {"a": "instance", "b": "instance", "c": "instance"}), **outer)
    assert (found["a"], found["b"], found["c"]) == ("namespace", "tenant", "instance")


def test_of_equals_the_first_declared_wins():
    assert applied({"type": THING}, [default({"a": 1}), default({"a": 2, "b": 2})]) == {"type": THING, "a": 1, "b": 2}


@pytest.mark.parametrize(
    ("type_name", "matches"),
    [
        (THING, True),
        ("com.example.thing", True),
        ("com.example.", True),
        ("com.example.other", False),
        ("com.example.thing.ThingAndMore", False),
    ],
)
def test_a_type_may_be_the_beginning_of_one(type_name, matches):
    assert ("a" in applied({"type": THING}, [default({"a": 1}, type_name)])) is matches


def test_other_names_of_a_plugin_match():
    old, new = "io.kestra.core.tasks.flows.Pause", "io.kestra.plugin.core.flow.Pause"
    assert applied({"type": new}, [default({"a": 1}, old)])["a"] == 1
    assert applied({"type": old}, [default({"a": 1}, new)])["a"] == 1
    assert applied({"type": old}, [default({"description": "1"}, "io.kestra.plugin.core")])["description"] == "1"


def test_maps_are_merged_and_lists_joined():
    found = applied(
        {"type": THING, "map": {"own": 1, "both": 1}, "list": [1]},
        [default({"map": {"both": 2, "theirs": 2}, "list": [2]})],
    )
    assert found["map"] == {"own": 1, "both": 1, "theirs": 2}
    assert sorted(found["list"]) == [1, 2]


def test_they_reach_plugins_wherever_they_stand():
    document = {
        "tasks": [{"type": "a.B", "then": [{"type": THING, "runner": {"type": THING}}]}],
        "triggers": [{"type": "a.C", "conditions": [{"type": THING}]}],
        "pluginDefaults": [default({"x": 1})],
    }
    merged = apply_defaults(document, NO_DEFAULTS, registry())
    inner = merged["tasks"][0]["then"][0]
    assert inner["x"] == inner["runner"]["x"] == merged["triggers"][0]["conditions"][0]["x"] == 1
    assert merged["pluginDefaults"] == document["pluginDefaults"]


def test_the_older_word_is_understood():
    document = {"tasks": [{"type": THING}], "taskDefaults": [default({"x": 1})]}
    assert apply_defaults(document, NO_DEFAULTS, registry())["tasks"][0]["x"] == 1


@pytest.mark.parametrize(
    "broken", [None, "text", [None], ["text"], [{}], [{"type": 1, "values": {}}], [{"type": THING, "values": 1}]]
)
def test_what_is_no_default_changes_nothing(broken):
    document = {"tasks": [{"type": THING}], "pluginDefaults": broken}
    assert apply_defaults(document, NO_DEFAULTS, registry())["tasks"] == [{"type": THING}]


FLOW = """\
id: a
namespace: b
tasks:
  - id: wait
    type: io.kestra.plugin.core.flow.Pause
pluginDefaults:
  - type: io.kestra.plugin.core.flow.Pause
    values:
      pauseDuration: PT5M
"""


def test_the_flow_runs_with_them_and_is_kept_without():
    flow = parse_flow(FLOW).flow
    assert flow.task("wait").pause_duration.source == "PT5M"
    assert "pauseDuration" not in flow.document["tasks"][0]
    assert flow.to_api()["tasks"] == [{"id": "wait", "type": "io.kestra.plugin.core.flow.Pause"}]


def test_a_flow_may_be_read_again_under_other_defaults():
    forced = Defaults(instance=[Default("io.kestra.plugin.core.flow.Pause", {"pauseDuration": "PT1M"}, True)])
    flow = parse_flow(FLOW).flow
    assert with_defaults(flow, forced).task("wait").pause_duration.source == "PT1M"
    assert flow.task("wait").pause_duration.source == "PT5M"


def test_a_default_that_does_not_fit_is_told_at_the_plugin():
    with pytest.raises(FlowInvalid) as refused:
        parse_flow(FLOW.replace("pauseDuration: PT5M", "pausDuration: PT5M"))
    (violation,) = refused.value.violations
    assert (violation.path, violation.line) == ("tasks[wait].pausDuration", 4)
    assert "did you mean `pauseDuration`" in violation.message


def test_values_are_needed():
    with pytest.raises(FlowInvalid, match=r"pluginDefaults\[0\].values: must not be null"):
        parse_flow({**compose(FLOW), "pluginDefaults": [{"type": THING}]})


def test_texts_are_kept_as_they_were_written_also_under_defaults():
    written = FLOW.replace(
        "tasks:\n", "description: 1.10\nlabels: {version: 2.0, NO: 1e3}\nvariables: {rate: 1.10}\ntasks:\n"
    )
    for source in (written, written.partition("pluginDefaults")[0]):
        flow = parse_flow(source).flow
        assert (flow.document["description"], flow.document["labels"]) == ("1.10", {"version": "2.0", "NO": "1e3"})
        assert flow.document["variables"] == {"rate": 1.1}
        assert with_defaults(flow, NO_DEFAULTS).label_map == {"version": "2.0", "NO": "1e3"}
        assert flow.to_api()["description"] == "1.10"


def test_texts_in_lists_and_tasks_are_kept_too():
    flow = parse_flow(
        "id: a\nnamespace: b\ntasks:\n  - {id: t, type: io.kestra.plugin.core.debug.Return, format: 1.10}\n"
        "inputs:\n  - {id: v, type: SELECT, values: [1.0, 012, true, 2.10], defaults: 1.0}\n"
    ).flow
    assert flow.document["tasks"][0]["format"] == "1.10"
    assert flow.document["inputs"][0]["values"] == ["1.0", "012", "true", "2.10"]
    assert flow.inputs[0].values == ["1.0", "012", "true", "2.10"]


PLAIN = "id: f\nnamespace: p.c\ntasks: [{id: r, type: io.kestra.plugin.core.debug.Return, format: own}]\n"


def test_of_forced_defaults_the_most_senior_wins():
    declared = "pluginDefaults: [{type: io.kestra.plugin.core.debug.Return, forced: true, values: {format: flow}}]\n"
    kind = "io.kestra.plugin.core.debug.Return"
    near = Default(kind, {"format": "near", "description": "near"}, forced=True, level=1)
    far = Default(kind, {"format": "far"}, forced=True, level=2)
    parsed = parse_flow(PLAIN + declared, defaults=Defaults(namespace=[near, far])).flow
    assert (parsed.tasks[0].format.source, parsed.tasks[0].description) == ("far", "near")
    tenant = Default(kind, {"format": "tenant"}, forced=True)
    parsed = parse_flow(PLAIN, defaults=Defaults(namespace=[near, far], tenant=[tenant])).flow
    assert parsed.tasks[0].format.source == "tenant"


def test_of_soft_defaults_the_nearest_wins():
    source = PLAIN.replace(", format: own", "")
    kind = "io.kestra.plugin.core.debug.Return"
    around = Defaults(namespace=[Default(kind, {"format": "near"}), Default(kind, {"format": "far"}, level=2)])
    assert parse_flow(source, defaults=around).flow.tasks[0].format.source == "near"


def test_what_a_task_does_not_have_is_passed_over_unless_its_type_is_named():
    declared = "pluginDefaults: [{{type: {}, values: {{level: WARN, logLevel: WARN}}}}]\n"
    parsed = parse_flow(PLAIN + declared.format("io.kestra.plugin.core")).flow
    assert parsed.tasks[0].log_level == "WARN"
    with pytest.raises(FlowInvalid, match='Unrecognized field "level"'):
        parse_flow(PLAIN + declared.format("io.kestra.plugin.core.debug.Return"))


def test_a_value_that_is_null_is_refused_with_its_key():
    declared = "pluginDefaults: [{type: io.kestra, values: {options: {timeout: null}, format: ~}}]\n"
    with pytest.raises(FlowInvalid) as refused:
        parse_flow(PLAIN + declared)
    assert [violation.message for violation in refused.value.violations] == [
        "`options.timeout` must not be null",
        "`format` must not be null",
    ]
