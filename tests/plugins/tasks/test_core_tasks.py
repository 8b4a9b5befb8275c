"""Core tasks that need nothing but their context."""

from datetime import timedelta

import pytest

from plugins.contracts import PluginError
from tests.plugins.tasks.memory import outcome, run

CORE = "io.kestra.plugin.core."


def test_log_writes_texts_and_lists(ctx):
    run(ctx, f"{CORE}log.Log", message=["a {{ flow.id }}", "b", 3, True], level="WARN")
    run(ctx, f"{CORE}log.Log", message="{{ flow }}")
    assert ctx.lines[:4] == [("WARN", "a flow"), ("WARN", "b"), ("WARN", "3"), ("WARN", "true")]
    assert ctx.lines[4][1].startswith("{")


def test_a_level_may_be_an_expression(ctx):
    ctx.scope["inputs"] = {"level": "ERROR"}
    run(ctx, f"{CORE}log.Log", message="x", level="{{ inputs.level }}")
    assert ctx.lines == [("ERROR", "x")]
    ctx.scope["inputs"] = {"level": "LOUD"}
    with pytest.raises(PluginError, match="level"):
        run(ctx, f"{CORE}log.Log", message="x", level="{{ inputs.level }}")


def test_an_unknown_variable_says_where(ctx):
    with pytest.raises(PluginError, match="Unable to find `missing`"):
        run(ctx, f"{CORE}log.Log", message="{{ missing }}")


def test_echo_is_the_old_log(ctx):
    run(ctx, f"{CORE}debug.Echo", format="hi", level="DEBUG")
    run(ctx, f"{CORE}debug.Echo")
    assert ctx.lines == [("DEBUG", "hi"), ("INFO", "")]


def test_return_gives_its_text_and_measures_it(ctx):
    assert run(ctx, f"{CORE}debug.Return", format="{{ flow.id }}!") == {"value": "flow!"}
    assert run(ctx, f"{CORE}debug.Return") == {"value": None}
    assert ctx.metrics[0][:3] == ("counter", "length", 5)


def test_output_values_are_rendered_however_deep(ctx):
    values = {"a": "{{ flow.id }}", "deep": {"{{ flow.id }}": ["{{ flow.namespace }}", 1]}}
    assert run(ctx, f"{CORE}output.OutputValues", values=values)["values"] == {
        "a": "flow",
        "deep": {"flow": ["company.team", 1]},
    }


@pytest.mark.parametrize(
    ("condition", "fails"),
    [
        ("{{ 1 == 1 }}", True),
        ("false", False),
        ("", False),
        ("0", False),
        ("-0", False),
        ("{{ null }}", False),
        (" false ", True),
        ("no", True),
    ],
)
def test_fail_asks_its_condition(ctx, condition, fails):
    if fails:
        with pytest.raises(PluginError, match="Fail on a condition"):
            run(ctx, f"{CORE}execution.Fail", condition=condition)
        assert "Task failure" in [message for _, message in ctx.lines]
    else:
        run(ctx, f"{CORE}execution.Fail", condition=condition)


def test_fail_says_what_it_was_told(ctx):
    with pytest.raises(PluginError, match="flow broke"):
        run(ctx, f"{CORE}execution.Fail", errorMessage="{{ flow.id }} broke")


@pytest.mark.parametrize(
    "labels",
    [
        {"a": "b", "n": 1},
        [{"key": "a", "value": "b"}, {"key": "n", "value": 1}],
        '{"a": "b", "n": 1}',
        '[{"key":"a","value":"b"},{"key":"n","value":1}]',
    ],
)
def test_labels_are_given_in_four_ways(ctx, labels):
    assert outcome(ctx, f"{CORE}execution.Labels", labels=labels).labels == {"a": "b", "n": "1"}


@pytest.mark.parametrize(
    "labels", [{"system.x": "y"}, {"": "x"}, {"x": ""}, "no json", [1], [{"key": "x"}], 3, {"a": [1]}, {"a": None}]
)
def test_labels_that_are_none_are_refused(ctx, labels):
    with pytest.raises(PluginError) as caught:
        outcome(ctx, f"{CORE}execution.Labels", labels=labels)
    assert not caught.value.retryable


def test_sleep_leaves_a_long_wait_to_the_platform_and_does_a_short_one_itself(ctx):
    for duration in ("PT60S", "{{ 'PT60S' }}"):
        assert outcome(ctx, f"{CORE}flow.Sleep", duration=duration).rest == timedelta(seconds=60)
    ctx.kill()
    assert outcome(ctx, f"{CORE}flow.Sleep", duration="PT1S").rest is None


TEMPLATED = f"{CORE}templating.TemplatedTask"


@pytest.mark.parametrize(
    "spec",
    [
        f"type: {CORE}debug.Return\nformat: It's {{{{ flow.id }}}}!",
        f"id: own\ntype: {CORE}debug.Return\nformat: It's {{{{ flow.id }}}}!",
        f'{{type: {CORE}debug.Return, format: "It\'s {{{{ flow.id }}}}!"}}',
    ],
)
def test_a_templated_task_is_rendered_and_run(ctx, spec):
    assert run(ctx, TEMPLATED, spec=spec) == {"value": "It's flow!"}


def test_a_templated_task_must_be_runnable_and_no_template(ctx):
    with pytest.raises(PluginError, match=r"^The templated task must be a runnable task$"):
        run(ctx, TEMPLATED, spec=f"type: {CORE}flow.Pause\ndelay: PT10S")
    with pytest.raises(PluginError, match=f"^The templated task cannot be of type '{TEMPLATED}'$"):
        run(ctx, TEMPLATED, spec=f"type: {TEMPLATED}\nspec: whatever")


@pytest.mark.parametrize("spec", ["", "type: no.such.Task", "just text", "[1]", "type: [", "a: 1"])
def test_a_template_that_gives_no_task_says_so(ctx, spec):
    with pytest.raises(PluginError):
        run(ctx, TEMPLATED, spec=spec)
