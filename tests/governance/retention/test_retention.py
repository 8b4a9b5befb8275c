"""What has grown old goes: where the nearest policy says so, batch by batch, and leaves nothing in the storage."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import OperationalError

from audit.models import AuditEntry
from control_plane.kernel.config import config
from control_plane.kernel.scope import instance_scope, tenant_scope
from control_plane.kernel.words.clock import now, parse_iso
from control_plane.kernel.words.errors import Conflict, Forbidden, Invalid, NotFound
from executions.models import Execution, LogEntry, Metric, TaskRun
from governance.conf import RETENTION
from governance.models import RetentionPolicy, RetentionRun, RetentionTurn
from governance.retention.erasing import next_batch
from governance.retention.previewing import preview
from governance.retention.runner import Runner
from governance.retention.runs import next_to_work_on
from governance.retention.services import delete_retention, run_retention, save_retention, stop_retention
from governance.retention.shapes import report_shape
from governance.retention.timing import begin_due_runs
from stores.models import KvEntry, NamespaceFileRevision
from stores.storage.keys import execution_prefix, namespace_files_prefix, tenant_prefix
from stores.storage.place import storage
from tests.cast import ACME, GLOBEX, Cast, make_cast
from tests.stores.files.written import write_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    made = make_cast()
    for tenant in (ACME, GLOBEX):
        storage().delete_prefix(tenant_prefix(tenant))
    return made


def executions(
    count: int, *, days: int = 100, namespace: str = "prod.data", tenant: str = ACME, **columns: Any
) -> list[str]:
    """Ended so many days ago, each with a task run, two lines, a figure and a file of four bytes."""
    at = now() - timedelta(days=days)
    common = {
        "namespace": namespace,
        "flow_id": "hello",
        "flow_revision": 1,
        "revision_id": "r",
        "state": "SUCCESS",
        "history": [],
        "start_date": at,
        "end_date": at,
        "updated_at": at,
    }
    with tenant_scope(tenant):
        made = [Execution.objects.create(**(common | columns)) for _ in range(count)]
        for each in made:
            _leave_behind(each, at)
    return [each.id for each in made]


def _leave_behind(execution: Execution, at: datetime) -> None:
    of_it = {"execution_id": execution.id, "namespace": execution.namespace, "flow_id": "hello", "at": at}
    TaskRun.objects.create(execution_id=execution.id, task_id="t", seq=1, state="SUCCESS", history=[], branch="tasks")
    for seq in (1, 2):
        LogEntry.objects.create(seq=seq, level="INFO", message="m", **of_it)
    Metric.objects.create(type="counter", name="n", value=1, **of_it)
    storage().put(f"{prefix(execution)}tasks/t/r/one.txt", BytesIO(b"four"))


def all_files_are_old() -> None:
    """As if they had been written long ago."""
    then = (now() - timedelta(days=50)).timestamp()
    for path in config().storage_path.rglob("*"):
        os.utime(path, (then, then))


def prefix(execution: Execution) -> str:
    return execution_prefix(execution.tenant_id, execution.namespace, execution.flow_id, execution.id)


def policy(people: Cast, namespace: str = "", **rules: Any) -> None:
    save_retention(people.olga.context(ACME), namespace=namespace, rules=rules)


def run(people: Cast, namespace: str = "") -> RetentionRun:
    all_files_are_old()
    begun = run_retention(people.olga.context(ACME), namespace=namespace)
    work()
    return the_run(begun.id)


def the_run(run_id: str) -> RetentionRun:
    with tenant_scope(ACME):
        return RetentionRun.objects.get(pk=run_id)


def work() -> None:
    runner = Runner()
    while runner.carry_on():
        continue


def left(tenant: str = ACME) -> set[str]:
    with tenant_scope(tenant):
        return set(Execution.objects.values_list("id", flat=True))


def files(tenant: str = ACME) -> list[str]:
    return [each.key for each in storage().list(tenant_prefix(tenant))]


DAYS = {"olderThan": "P30D"}


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


def pair(key: str, *, days: int, expired: int | None = None) -> None:
    with tenant_scope(ACME):
        runs_out = now() - timedelta(days=expired) if expired is not None else None
        KvEntry.objects.create(namespace="prod", key=key, type="STRING", value="v", expires_at=runs_out)
        KvEntry.objects.filter(key=key).update(updated_at=now() - timedelta(days=days))


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


def told() -> list[AuditEntry]:
    with tenant_scope(ACME):
        rows = AuditEntry.objects.filter(resource="POLICY").order_by("seq")
        return [entry for entry in rows if ".retention." in str(entry.body)]


def test_the_trail_tells_of_policies_and_once_of_each_run(people: Cast) -> None:
    executions(3)
    policy(people, "prod", EXECUTIONS=[DAYS])
    run(people, "prod")
    delete_retention(people.olga.context(ACME), namespace="prod")
    found = told()
    assert [entry.action for entry in found] == ["CREATE", "CREATE", "DELETE", "DELETE"]
    assert {entry.actor_name for entry in found} == {"olga@acme.test"}
    assert '"counts":{"EXECUTIONS":3,"FILES":3,"LOGS":6,"METRICS":3}' in str(found[2].body)


def test_one_run_of_a_place_at_a_time(people: Cast) -> None:
    begun = [run_retention(people.olga.context(ACME), namespace=name).id for name in ("", "prod")]
    for name in ("", "prod"):
        with pytest.raises(Conflict):
            run_retention(people.olga.context(ACME), namespace=name)
    work()
    assert [the_run(run_id).state for run_id in begun] == ["DONE", "DONE"]
    run_retention(people.olga.context(ACME), namespace="prod")


def small_batches(monkeypatch: pytest.MonkeyPatch, size: int = 2) -> None:
    few = replace(RETENTION, at_once=size, lines_at_once=size)
    for module in ("erasing", "files", "runner", "runs", "report"):
        monkeypatch.setattr(f"governance.retention.{module}.RETENTION", few, raising=False)


def test_it_goes_batch_by_batch_and_takes_all(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    small_batches(monkeypatch)
    executions(5)
    lines = executions(1, days=20)
    for number in range(5):
        pair(f"gone{number}", days=10, expired=40)
    policy(people, EXECUTIONS=[DAYS], LOGS=[{"olderThan": "P7D"}], METRICS=[{"olderThan": "P7D"}], KV=[DAYS])
    done = run(people)
    assert done.counts == {"EXECUTIONS": 5, "LOGS": 12, "METRICS": 6, "KV": 5, "FILES": 5}
    assert done.expected == {"EXECUTIONS": 5, "LOGS": 2, "METRICS": 1}
    assert left() == set(lines)


def test_another_process_goes_on_where_one_has_died(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    small_batches(monkeypatch)
    executions(5)
    all_files_are_old()
    policy(people, EXECUTIONS=[DAYS])
    begun = run_retention(people.olga.context(ACME), namespace="")
    dies = Runner()
    monkeypatch.setattr("governance.retention.runner.next_batch", fails_after(2))
    with pytest.raises(OperationalError):
        dies.carry_on()
    monkeypatch.undo()
    small_batches(monkeypatch)
    assert the_run(begun.id).counts == {"EXECUTIONS": 4, "LOGS": 8, "METRICS": 4}
    other = Runner()
    assert not other.carry_on()  # the lease of the one that died is not over
    with instance_scope():
        RetentionTurn.objects.update(held_until=now() - timedelta(seconds=1))
    assert other.carry_on()
    assert the_run(begun.id).counts == {"EXECUTIONS": 5, "LOGS": 10, "METRICS": 5, "FILES": 5}
    assert (left(), files()) == (set(), [])


def fails_after(batches: int) -> Any:
    """As a process that dies: what the batch has not committed is not there."""
    done = iter(range(batches))

    def next_or_die(step: Any, cursor: str) -> Any:
        if next(done, None) is None:
            raise OperationalError("the connection is lost")
        return next_batch(step, cursor)

    return next_or_die


def test_one_process_works_at_a_time_whatever_the_tenant(people: Cast) -> None:
    executions(1)
    executions(1, tenant=GLOBEX)
    policy(people, EXECUTIONS=[DAYS])
    save_retention(people.otto.context(GLOBEX), namespace="", rules={"EXECUTIONS": [DAYS]})
    run_retention(people.olga.context(ACME), namespace="")
    run_retention(people.otto.context(GLOBEX), namespace="")
    first, second = Runner(), Runner()
    assert next_to_work_on(first._me) is not None
    assert not second.carry_on()
    while first.carry_on():
        continue
    assert (left(), left(GLOBEX)) == (set(), set())


def test_a_run_that_is_stopped_takes_no_more(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    small_batches(monkeypatch)
    executions(5)
    policy(people, EXECUTIONS=[DAYS])
    begun = run_retention(people.olga.context(ACME), namespace="")
    Runner().carry_on(timedelta(0))
    stop_retention(people.olga.context(ACME), run_id=begun.id)
    work()
    assert (len(left()), the_run(begun.id).state) == (3, "STOPPED")
    with pytest.raises(Conflict):
        stop_retention(people.olga.context(ACME), run_id=begun.id)
    with pytest.raises(NotFound):
        stop_retention(people.otto.context(GLOBEX), run_id=begun.id)


def test_a_run_that_cannot_go_on_says_why_and_is_over(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("the storage is away")

    monkeypatch.setattr("governance.retention.runner.walk", fails)
    done = run(people)
    assert (done.state, done.failure) == ("FAILED", "the storage is away")
    assert '"failure":"the storage is away"' in str(told()[-1].body)


def at(text: str) -> None:
    """The last night, as the clock of the policy that was written last sees it."""
    with tenant_scope(ACME):
        RetentionPolicy.objects.update(updated_at=parse_iso(text))


def test_policies_are_carried_out_once_a_night_but_not_in_the_night_they_are_written(people: Cast) -> None:
    executions(1)
    policy(people, EXECUTIONS=[DAYS])
    begin_due_runs()
    work()
    assert len(left()) == 1
    at("2020-01-01T00:00:00Z")
    begin_due_runs()
    work()
    begin_due_runs()
    with tenant_scope(ACME):
        (only,) = RetentionRun.objects.all()
    assert (only.state, only.actor["kind"], left()) == ("DONE", "SYSTEM", set())
