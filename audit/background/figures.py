"""Figures of the trail for Prometheus, asked for when it asks."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from django.db import Error
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import REGISTRY, Collector

from audit.delivery.opening import ship_destinations
from audit.queries import lags, unanchored_seconds
from audit.searching.index import NAME as SEARCH

logger = logging.getLogger(__name__)


class TrailFigures(Collector):
    def describe(self) -> list[Metric]:
        """Nothing is asked while it is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """None where the database does not answer: the other figures are still of use."""
        try:
            yield from list(_figures())
        except (Error, RuntimeError) as error:
            logger.warning("the figures of the audit trail cannot be read: %s", error)


def _figures() -> Iterator[Metric]:
    behind = GaugeMetricFamily("orrery_audit_entries_behind", "Entries not shipped yet.", labels=["destination"])
    seconds = GaugeMetricFamily("orrery_audit_lag_seconds", "Age of the oldest of them.", labels=["destination"])
    failing = GaugeMetricFamily("orrery_audit_failing_tenants", "Tenants refused last.", labels=["destination"])
    for lag in lags([*(each.name for each in ship_destinations()), SEARCH]):
        behind.add_metric([lag.destination], lag.entries)
        seconds.add_metric([lag.destination], lag.seconds)
        failing.add_metric([lag.destination], lag.failing)
    waiting = unanchored_seconds()
    yield from (behind, seconds, failing)
    yield GaugeMetricFamily("orrery_audit_unanchored_seconds", "Age of the oldest entry without an anchor.", waiting)


def register() -> None:
    REGISTRY.register(TrailFigures())
