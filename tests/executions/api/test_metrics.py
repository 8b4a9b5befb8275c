"""Figures over HTTP."""

from datetime import UTC, datetime

import pytest

from control_plane.kernel.scope import tenant_scope
from executions.models import Metric

pytestmark = pytest.mark.django_db
FLOW = "prod.data/hello"


@pytest.fixture
def figures(done):
    with tenant_scope("acme"):
        for hour, value in ((1, 2.0), (1, 3.0), (5, 7.0)):
            Metric.objects.create(
                execution_id=done.id,
                namespace="prod.data",
                flow_id="hello",
                task_id="log0",
                at=datetime(2026, 3, 1, hour, 30, tzinfo=UTC),
                type="counter",
                name="rows",
                value=value,
            )
    return done


def test_the_figures_of_an_execution_are_listed(read, figures):
    found = read(f"metrics/{figures.id}", sort="value:desc")
    assert [each["value"] for each in found["results"]] == [7.0, 3.0, 2.0]
    assert read(f"metrics/{figures.id}", taskId="other")["total"] == 0


def test_names_and_tasks_are_listed_once(read, figures):
    assert read(f"metrics/names/{FLOW}") == ["rows"]
    assert read(f"metrics/names/{FLOW}/log0") == ["rows"]
    assert read(f"metrics/tasks/{FLOW}") == ["log0"]


def test_a_day_is_shown_hour_by_hour_with_zeros_between(read, figures):
    found = read(f"metrics/aggregates/{FLOW}/rows", startDate="2026-03-01T00:00:00Z", endDate="2026-03-01T08:00:00Z")
    assert found["groupBy"] == "hour"
    assert [point["value"] for point in found["aggregations"]] == [0, 5.0, 0, 0, 0, 7.0, 0, 0, 0]


def test_a_metric_nobody_reported_is_zeros_not_nothing(read, figures):
    found = read(f"metrics/aggregates/{FLOW}/log0/unknown", aggregation="max")
    assert found["aggregations"] and {point["value"] for point in found["aggregations"]} == {0}


@pytest.mark.parametrize(
    "query", [{"aggregation": "median"}, {"startDate": "2030-01-01", "endDate": "2020-01-01"}, {"startDate": "soon"}]
)
def test_what_makes_no_chart_is_refused(read, figures, query):
    read(f"metrics/aggregates/{FLOW}/rows", status=400, **query)
