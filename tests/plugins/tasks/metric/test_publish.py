"""Publish brings figures of three kinds."""

import pytest

from plugins.contracts import PluginError
from tests.plugins.tasks.memory import run

PUBLISH = "io.kestra.plugin.core.metric.Publish"


def test_each_kind_is_published_with_its_tags(ctx):
    metrics = [
        {"type": "counter", "name": "rows of {{ flow.id }}", "value": "{{ 40 + 2 }}", "tags": {"t": "{{ flow.id }}"}},
        {"type": "gauge", "name": "fill", "value": 0.5},
        {"type": "timer", "name": "waited", "value": "PT1.5S", "description": "how long"},
    ]
    assert run(ctx, PUBLISH, metrics=metrics) == {}
    assert ctx.metrics == [
        ("counter", "rows of flow", 42, {"t": "flow"}),
        ("gauge", "fill", 0.5, {}),
        ("timer", "waited", 1.5, {}),
    ]


def test_the_list_may_be_rendered(ctx):
    run(ctx, PUBLISH, metrics="{{ [{'type': 'counter', 'name': 'n', 'value': 2}] }}")
    assert ctx.metrics == [("counter", "n", 2, {})]


def test_no_metrics_are_none(ctx):
    assert run(ctx, PUBLISH) == {}
    assert ctx.metrics == []


@pytest.mark.parametrize("metrics", ["{{ 'text' }}", "{{ [{'type': 'sum', 'name': 'a', 'value': 1}] }}", "{{ [1] }}"])
def test_what_renders_to_something_else_fails(ctx, metrics):
    with pytest.raises(PluginError, match="must render to a list of metrics"):
        run(ctx, PUBLISH, metrics=metrics)
