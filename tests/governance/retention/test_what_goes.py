"""What has grown old goes where the nearest policy says so, and leaves nothing in the storage."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest

from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import now
from executions.models import LogEntry, Metric, TaskRun
from governance.retention.services import run_retention
from stores.models import KvEntry, NamespaceFileRevision
from stores.storage.keys import execution_prefix, namespace_files_prefix
from stores.storage.place import storage
from tests.cast import ACME, GLOBEX, Cast
from tests.governance.retention.ground import (
    DAYS,
    executions,
    files,
    left,
    pair,
    policy,
    run,
    the_run,
    work,
)
from tests.stores.files.written import write_file

pytestmark = pytest.mark.django_db


def test_what_is_old_goes_with_all_it_left_behind(people: Cast) -> None:
    executions(5)
    young = executions(2, days=3)
    foreign = executions(1, tenant=GLOBEX)
    policy(people, EXECUTIONS=[DAYS])
    done = run(people)
    assert (done.state, done.counts) == ("DONE", {"EXECUTIONS": 5, "LOGS": 10, "METRICS": 5, "FILES": 5})
    assert left() == set(young)
    assert left(GLOBEX) == set(foreign)
    with tenant_scope(ACME):
        assert {LogEntry.objects.count(), Metric.objects.count() * 2, TaskRun.objects.count() * 2} == {4}
    assert (len(files()), len(files(GLOBEX))) == (2, 1)


def test_the_nearest_policy_decides_kind_by_kind(people: Cast) -> None:
    kept = executions(1, namespace="prod.keep")
    below = executions(1, namespace="prod.keep.below")
    other = executions(1, namespace="prod.keeper")
    policy(people, EXECUTIONS=[DAYS], METRICS=[{"olderThan": "P1D"}])
    policy(people, "prod.keep", EXECUTIONS=[])
    done = run(people)
    assert left() == {*kept, *below} - set(other)
    assert done.counts == {"EXECUTIONS": 1, "LOGS": 2, "METRICS": 3, "FILES": 1}


def test_a_run_of_a_namespace_goes_by_what_it_inherits(people: Cast) -> None:
    outside = executions(1, namespace="dev")
    executions(2, namespace="prod.data")
    policy(people, EXECUTIONS=[DAYS])
    assert run(people, "prod").counts["EXECUTIONS"] == 2
    assert left() == set(outside)


def test_states_and_labels_narrow_a_rule(people: Cast) -> None:
    executions(1, state="FAILED", labels={"env": "test", "team": "a"})
    stays = executions(1, state="FAILED", labels={"env": "live"}) + executions(1, labels={"env": "test"})
    policy(people, EXECUTIONS=[{**DAYS, "states": ["FAILED"], "labels": {"env": "test"}}])
    run(people)
    assert left() == set(stays)


def test_several_rules_of_a_kind_take_what_any_of_them_means(people: Cast) -> None:
    executions(1, days=10, state="SUCCESS")
    failed = executions(1, days=10, state="FAILED")
    executions(1, days=100, state="FAILED")
    policy(people, EXECUTIONS=[{"olderThan": "P7D", "states": ["SUCCESS"]}, {"olderThan": "P90D"}])
    run(people)
    assert left() == set(failed)


def test_what_runs_and_what_a_running_loop_counts_on_stays(people: Cast) -> None:
    (loop,) = executions(1, end_date=None, state="RUNNING")
    (turn,) = executions(1, kind="LOOP", parent_id=loop)
    policy(people, EXECUTIONS=[DAYS], LOGS=[DAYS], METRICS=[DAYS], FILES=[DAYS])
    run(people)
    assert left() == {loop, turn}
    assert len(files()) == 2
    with tenant_scope(ACME):
        assert LogEntry.objects.filter(execution_id=loop).count() == 2


def test_the_turns_of_a_loop_go_with_it(people: Cast) -> None:
    (loop,) = executions(1)
    (turn,) = executions(1, days=99, kind="LOOP", parent_id=loop)
    executions(1, days=98, kind="LOOP", parent_id=turn)
    policy(people, EXECUTIONS=[DAYS])
    assert run(people).counts == {"EXECUTIONS": 3, "LOGS": 6, "METRICS": 3, "FILES": 3}
    assert (left(), files()) == (set(), [])


def test_lines_figures_and_files_may_go_before_their_execution(people: Cast) -> None:
    ids = executions(2) + executions(1, state="FAILED")
    with tenant_scope(ACME):
        LogEntry.objects.filter(execution_id=ids[0], seq=1).update(level="ERROR")
    success = {**DAYS, "states": ["SUCCESS"]}
    policy(people, LOGS=[{**success, "levels": ["INFO"]}], METRICS=[success], FILES=[success])
    assert run(people).counts == {"LOGS": 3, "METRICS": 2, "FILES": 2}
    assert left() == set(ids)


@pytest.mark.parametrize(("only", "stays"), [(True, ["fresh", "old"]), (False, ["fresh", "gone"])])
def test_pairs_go_by_when_they_expired_or_were_written(people: Cast, only: bool, stays: list[str]) -> None:
    pair("fresh", days=1)
    pair("old", days=100)
    pair("gone", days=10, expired=40)
    policy(people, KV=[{**DAYS, "expiredOnly": only}])
    run(people)
    with tenant_scope(ACME):
        assert sorted(KvEntry.objects.values_list("key", flat=True)) == stays


def test_old_revisions_of_files_go_and_the_newest_stay(people: Cast) -> None:
    for number in range(5):
        write_file(people.olga.context(ACME), "prod", "/a.txt", f"{number}".encode())
    with tenant_scope(ACME):
        NamespaceFileRevision.objects.filter(revision__lte=4).update(created_at=now() - timedelta(days=60))
    policy(people, NAMESPACE_FILES=[{**DAYS, "keepVersions": 3}])
    assert run(people).counts == {"NAMESPACE_FILES": 2}
    with tenant_scope(ACME):
        assert sorted(NamespaceFileRevision.objects.values_list("revision", flat=True)) == [3, 4, 5]
    assert len(files()) == 3


def test_files_that_nobody_owns_are_swept_whatever_left_them_behind(people: Cast) -> None:
    (living,) = executions(1, days=1)
    write_file(people.olga.context(ACME), "prod", "/a.txt", b"kept")
    kept = files()
    lost = execution_prefix(ACME, "prod.data", "hello", "3Qn1Zc0Yg9qXo0h8xT2bLk")
    storage().put(f"{lost}tasks/t/r/_files/one.txt", BytesIO(b"lost"))
    storage().put(f"{namespace_files_prefix(ACME, 'prod')}4Qn1Zc0Yg9qXo0h8xT2bLk", BytesIO(b"lost"))
    assert run(people).counts == {"FILES": 1, "NAMESPACE_FILES": 1}
    assert files() == kept
    assert living in kept[0] + kept[1]


def test_a_file_that_is_only_being_written_is_left_alone(people: Cast) -> None:
    storage().put(f"{namespace_files_prefix(ACME, 'prod')}4Qn1Zc0Yg9qXo0h8xT2bLk", BytesIO(b"young"))
    begun = run_retention(people.olga.context(ACME), namespace="")
    work()
    assert the_run(begun.id).counts == {}
    assert len(files()) == 1
