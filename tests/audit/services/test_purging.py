"""Purged entries leave signed tombstones, and nobody deletes an entry without one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import Error, connection

from audit.background.system import ensure_key, purge_expired, purge_from_machine, verify
from audit.models import AuditTombstone
from audit.proof.checking import check
from audit.services import purging
from audit.services.purging import purge_entries
from audit.verifier import verify as verifier
from control_plane.embedded.postgres import SUPERUSER, Postgres
from control_plane.kernel.config import override
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import Conflict, Forbidden
from tests.audit.ground import anchored, entries, exported, write
from tests.cast import ACME, Cast, make_cast
from tests.executions.ground import FakeWorker, save

pytestmark = pytest.mark.django_db
PURGES = """
id: purges
namespace: {namespace}
tasks:
  - id: purge
    type: io.kestra.plugin.ee.core.log.PurgeAuditLogs
    endDate: "2099-01-01T00:00:00Z"
"""


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def told(owner: str) -> list[tuple[int, str]]:
    return [(entry.seq, entry.action) for entry in entries(owner)]


def test_the_rest_is_proved_here_and_elsewhere(cast: Cast, tmp_path: Path):
    anchors = tmp_path / "anchors.ndjson"
    anchored(ACME, anchors)
    write(ACME, "last", namespace="dev")
    assert purge_entries(cast.olga.context(ACME), end=now(), namespace="prod") == 12
    assert told(ACME) == [(13, "CREATE"), (14, "DELETE")]
    report = check(ACME)
    assert (report.is_intact, report.entries, report.purged, report.anchors) == (True, 2, 12, 1), report.problems
    ((elsewhere,), _) = verifier.check([exported(ACME, tmp_path / "trail.ndjson"), anchors], tenant=ACME)
    assert (elsewhere.is_intact, elsewhere.purged) == (True, 12), elsewhere.problems


def test_holes_in_the_middle_have_a_tombstone_each(cast: Cast):
    ensure_key()
    for number in range(6):
        write(ACME, f"f{number}", namespace="prod" if number % 2 else "dev")
    assert purge_entries(cast.olga.context(ACME), end=now(), namespace="prod", limit=2) == 2
    assert purge_entries(cast.olga.context(ACME), end=now(), namespace="prod") == 1
    with tenant_scope(ACME):
        assert [(each.first, each.last) for each in AuditTombstone.objects.order_by("first")] == [
            (2, 2),
            (4, 4),
            (6, 6),
        ]
    assert purge_entries(cast.olga.context(ACME), end=now()) == 5
    report = check(ACME)
    assert report.is_intact and (report.entries, report.purged) == (1, 8), report.problems


def test_a_purge_is_itself_an_entry_that_names_who(cast: Cast):
    ensure_key()
    write(ACME, "a", "b")
    purge_entries(cast.olga.context(ACME), end=now(), resources=["FLOW"], actions=["CREATE"])
    (entry,) = entries(ACME)
    assert (entry.resource, entry.action, entry.actor_name) == ("AUDITLOG", "DELETE", "olga@acme.test")
    assert '"purged":2' in entry.body and '"resources":["FLOW"]' in entry.body


def test_a_forged_tombstone_is_found(cast: Cast, postgres: Postgres):
    anchored_entries = ("a", "b", "c")
    ensure_key()
    write(ACME, *anchored_entries)
    write(ACME, "d", namespace="dev")
    purge_entries(cast.olga.context(ACME), end=now(), namespace="prod")
    with psycopg.connect(postgres.url(SUPERUSER)) as database:
        database.execute("UPDATE audit_tombstone SET document = replace(document, 'olga', 'otto')")
    assert [problem.text for problem in check(ACME).problems] == [
        "a tombstone is not signed by a trusted key",
        "entries 1 to 3 are missing",
    ]


def test_only_who_may_purges(cast: Cast):
    ensure_key()
    for who in (cast.vera, cast.eddie):
        with pytest.raises(Forbidden):
            purge_entries(who.context(ACME), end=now())


def test_nothing_younger_than_the_configured_age_goes(cast: Cast):
    ensure_key()
    write(ACME, "a")
    with override(audit={"keep_at_least": timedelta(days=30)}):
        assert purge_entries(cast.olga.context(ACME), end=now()) == 0


def test_nothing_is_purged_before_there_is_a_key(cast: Cast):
    write(ACME, "a")
    with pytest.raises(Conflict):
        purge_entries(cast.olga.context(ACME), end=now())


def test_the_machine_purges_batch_by_batch(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    write(ACME, *"abcde")
    for module in (purging, purge_from_machine.__globals__):
        name = "MOST_AT_ONCE"
        monkeypatch.setitem(module if isinstance(module, dict) else vars(module), name, 2)
    assert purge_from_machine(ACME, end=entries(ACME)[-1].at) == 5
    assert all(report.is_intact for report in verify(None))


def test_what_is_older_than_the_retention_goes_by_itself(cast: Cast):
    write(ACME, "a", "b")
    assert purge_expired() is False and len(entries(ACME)) == 2
    with override(audit={"retention": timedelta(0)}):
        assert purge_expired() is False
    assert [entry.resource for entry in entries(ACME)] == ["AUDITLOG"]


@pytest.mark.parametrize("role", ["orrery_app", "orrery_service"])
def test_no_role_of_ours_deletes_an_entry_without_a_tombstone(cast: Cast, role: str):
    write(ACME, "a")
    with (
        pytest.raises(Error, match=r"has no tombstone|permission denied"),
        tenant_scope(ACME),
        connection.cursor() as cursor,
    ):
        if role != "orrery_app":
            cursor.execute(f"SET LOCAL ROLE {role}")
        cursor.execute("DELETE FROM audit_entry")
    assert len(entries(ACME)) == 1


@pytest.mark.parametrize(("namespace", "state"), [("system", "SUCCESS"), ("prod", "FAILED")])
def test_a_flow_purges_from_the_operators_namespace_alone(cast: Cast, namespace: str, state: str, tmp_path: Path):
    from executions.services.starting import start_execution
    from tests.architecture.job_ground import JobGround
    from workers.runtime.documents import runnable

    ensure_key()
    save(cast, PURGES.format(namespace=namespace))
    start_execution(cast.olga.context(ACME), namespace=namespace, flow_id="purges")
    (job,) = FakeWorker().claim(1)
    context = JobGround(job, cast.olga).context(tmp_path)
    task = runnable(
        {"id": "t", "type": "io.kestra.plugin.ee.core.log.PurgeAuditLogs", "endDate": "2099-01-01T00:00:00Z"}
    )
    if state == "SUCCESS":
        assert task.run(context)["count"] > 0
        assert [(entry.actor_kind, entry.actor_id) for entry in entries(ACME)] == [("JOB", job.execution_id)]
        assert check(ACME).is_intact
    else:
        with pytest.raises(Exception, match=r"AUDITLOG\.DELETE is needed"):
            task.run(context)
