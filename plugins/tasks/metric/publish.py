"""Publishing figures of one's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, Literal

from plugins.contracts import Model, PluginError, Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default


class PublishedMetric(Model):
    """One figure with its name."""

    name: Property[str]
    """What it is called."""
    type: str
    """`counter`, `gauge` or `timer`."""
    description: Property[str] | None = None
    """What it says."""
    tags: Property[dict[str, str]] = default({})
    """What it is told apart by."""


class CounterMetric(PublishedMetric):
    """A number that adds up."""

    type: Literal["counter"]
    value: Property[float]
    """How much is added."""


class GaugeMetric(PublishedMetric):
    """A number as it is at the moment."""

    type: Literal["gauge"]
    value: Property[float]
    """The number."""


class TimerMetric(PublishedMetric):
    """A length of time."""

    type: Literal["timer"]
    value: Property[timedelta]
    """The duration."""


PublishedMetric.VARIANTS = {"counter": CounterMetric, "gauge": GaugeMetric, "timer": TimerMetric}


class Publish(RunnableTask):
    """Publish metrics of the task run: counters, gauges and timers, each with its tags."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.metric.Publish"
    TITLE: ClassVar[str] = "Publish metrics"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: publish_metrics
namespace: company.team
tasks:
  - id: publish
    type: io.kestra.plugin.core.metric.Publish
    metrics:
      - type: counter
        name: rows
        value: "{{ 40 + 2 }}"
        tags:
          table: orders
      - type: gauge
        name: fill
        value: 0.5
      - type: timer
        name: waited
        value: PT1.5S
""",
    )

    metrics: list[PublishedMetric] | str | None = None
    """The metrics: a list, or an expression that renders to one."""

    def run(self, ctx: RunContext) -> None:
        for metric in self._listed(ctx):
            name, tags = ctx.render(metric.name), ctx.render(metric.tags)
            if isinstance(metric, TimerMetric):
                ctx.timer(name, ctx.render(metric.value), tags)
            elif isinstance(metric, GaugeMetric):
                ctx.gauge(name, ctx.render(metric.value), tags)
            elif isinstance(metric, CounterMetric):
                ctx.counter(name, ctx.render(metric.value), tags)

    def _listed(self, ctx: RunContext) -> list[PublishedMetric]:
        if not isinstance(self.metrics, str):
            return self.metrics or []
        rendered = ctx.render_any(self.metrics)
        try:
            entries = json.loads(rendered) if isinstance(rendered, str) else rendered
            return [_metric(entry) for entry in entries or []]
        except (ValueError, TypeError, RecursionError) as error:
            raise PluginError(f"`metrics` must render to a list of metrics: {error}", retryable=False) from error


def _metric(entry: Any) -> PublishedMetric:
    kind = entry.get("type") if isinstance(entry, Mapping) else None
    model = PublishedMetric.VARIANTS.get(str(kind))
    if model is None or not issubclass(model, PublishedMetric):
        raise ValueError(f"`{kind}` is no type of metric")
    return model.model_validate(entry)
