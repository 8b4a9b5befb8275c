"""A dry run tells what a run would take, and takes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import now
from governance.retention.previewing import preview
from governance.retention.shapes import report_shape
from tests.cast import ACME, Cast
from tests.governance.retention.ground import (
    DAYS,
    all_files_are_old,
    executions,
    files,
    left,
    pair,
    policy,
    run,
)

pytestmark = pytest.mark.django_db


def test_a_dry_run_says_what_would_go_and_changes_nothing(people: Cast) -> None:
    executions(3, days=100)
    (loop,) = executions(1, days=60)
    executions(1, days=50, kind="LOOP", parent_id=loop)
    executions(1, namespace="dev", days=40)
    before = left(), files()
    policy(people, EXECUTIONS=[DAYS], LOGS=[{"olderThan": "P1D"}])
    with tenant_scope(ACME):
        told = report_shape(preview(""))
    lines = {(line["kind"], line["namespace"]): line for line in told["lines"]}
    counts = {place: line["count"] for place, line in lines.items()}
    assert counts == {
        ("EXECUTIONS", "dev"): 1,
        ("EXECUTIONS", "prod.data"): 5,
        ("LOGS", "dev"): 2,
        ("LOGS", "prod.data"): 10,
        ("METRICS", "dev"): 1,
        ("METRICS", "prod.data"): 5,
        ("FILES", "dev"): 1,
        ("FILES", "prod.data"): 5,
    }
    assert lines["EXECUTIONS", "prod.data"]["oldest"].startswith(str((now() - timedelta(days=100)).date()))
    assert lines["FILES", "prod.data"]["bytes"] == 20
    assert all(line["bytes"] > 0 for line in told["lines"])
    assert told["bytes"] == sum(line["bytes"] for line in told["lines"])
    assert (left(), files()) == before


def test_a_dry_run_counts_exactly_what_the_run_takes(people: Cast) -> None:
    executions(2)
    executions(2, days=10)
    pair("gone", days=10, expired=40)
    policy(people, EXECUTIONS=[DAYS], LOGS=[{"olderThan": "P7D"}], KV=[DAYS])
    policy(people, "prod.data", METRICS=[{"olderThan": "P7D"}])
    all_files_are_old()
    with tenant_scope(ACME):
        told = preview("").lines
    expected: dict[str, int] = {}
    for line in told:
        expected[line.kind] = expected.get(line.kind, 0) + line.count
    assert run(people).counts == expected


def test_rules_that_nobody_has_saved_can_be_tried(people: Cast) -> None:
    executions(2)
    with tenant_scope(ACME):
        assert preview("prod").lines == []
        assert [line.count for line in preview("prod", {"METRICS": [DAYS]}).lines] == [2]
        assert preview("dev", {"METRICS": [DAYS]}).lines == []
