"""Who may say what is kept how long, in which words, and what the trail tells of it."""

from __future__ import annotations

from typing import Any

import pytest

from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import Forbidden, Invalid, NotFound
from governance.models import RetentionPolicy
from governance.retention.services import delete_retention, run_retention, save_retention
from tests.cast import ACME, Cast
from tests.governance.retention.ground import (
    DAYS,
    executions,
    policy,
    run,
    told,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("rules", "where"),
    [
        ({"EXECUTIONS": [{"olderThan": "PT23H"}]}, "rules.EXECUTIONS.0.olderThan"),
        ({"EXECUTIONS": [{"olderThan": "-P3D"}]}, "rules.EXECUTIONS.0.olderThan"),
        ({"EXECUTIONS": [{"olderThan": "soon"}]}, "rules.EXECUTIONS.0.olderThan"),
        ({"EXECUTIONS": [{}]}, "rules.EXECUTIONS.0.olderThan"),
        ({"EXECUTIONS": [{**DAYS, "states": ["RUNNING"]}]}, "rules.EXECUTIONS.0.states.0"),
        ({"EXECUTIONS": [{**DAYS, "levels": ["INFO"]}]}, "rules.EXECUTIONS.0.levels"),
        ({"KV": [{**DAYS, "labels": {"a": "b"}}]}, "rules.KV.0.labels"),
        ({"KV": [DAYS, DAYS]}, "rules.KV"),
        ({"NAMESPACE_FILES": [{**DAYS, "keepVersions": 0}]}, "rules.NAMESPACE_FILES.0.keepVersions"),
        ({"EXECUTIONS": [{**DAYS, "more": 1}]}, "rules.EXECUTIONS.0.more"),
        ({"EVERYTHING": [DAYS]}, "rules.EVERYTHING.[key]"),
    ],
)
def test_what_is_no_rule_is_refused_by_its_name(people: Cast, rules: Any, where: str) -> None:
    with pytest.raises(Invalid) as refused:
        policy(people, **rules)
    assert where in [each.path for each in refused.value.violations]
    with tenant_scope(ACME):
        assert not RetentionPolicy.objects.exists()


def test_who_lets_data_be_deleted_must_be_able_to_delete_it(people: Cast) -> None:
    ctx = people.vera.context(ACME)
    for act in (
        lambda: save_retention(ctx, namespace="prod", rules={"EXECUTIONS": [DAYS]}),
        lambda: run_retention(ctx, namespace="prod"),
    ):
        with pytest.raises((Forbidden, NotFound)):
            act()


def test_the_trail_tells_of_policies_and_once_of_each_run(people: Cast) -> None:
    executions(3)
    policy(people, "prod", EXECUTIONS=[DAYS])
    run(people, "prod")
    delete_retention(people.olga.context(ACME), namespace="prod")
    found = told()
    assert [entry.action for entry in found] == ["CREATE", "CREATE", "DELETE", "DELETE"]
    assert {entry.actor_name for entry in found} == {"olga@acme.test"}
    assert '"counts":{"EXECUTIONS":3,"FILES":3,"LOGS":6,"METRICS":3}' in str(found[2].body)
