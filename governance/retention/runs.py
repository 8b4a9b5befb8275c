"""One carrying out of the policies: begun, held by one process at a time, and ended. Inside the tenant's scope."""

from __future__ import annotations

from enum import StrEnum

from control_plane.kernel.actor import Actor, Change
from control_plane.kernel.name_locks import hold_name
from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import instance_scope
from control_plane.kernel.words.clock import iso, now
from control_plane.kernel.words.errors import Conflict
from governance.conf import RETENTION
from governance.models import RetentionRun, RetentionTurn
from governance.permissions import POLICY
from governance.retention.deciding import steps
from governance.retention.queries import policies


class State(StrEnum):
    RUNNING = "RUNNING"
    DONE = "DONE"
    STOPPED = "STOPPED"
    FAILED = "FAILED"


class AnotherRuns(Conflict):
    """A run of this place goes on already."""

    code = "retention_runs"


_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('retention', 0))"
_NEXT = """
UPDATE retention_turn SET holder = %s, held_until = clock_timestamp() + make_interval(secs => %s)
WHERE run_id = (SELECT run_id FROM retention_turn ORDER BY held_until LIMIT 1)
  AND NOT EXISTS (SELECT 1 FROM retention_turn WHERE holder NOT IN ('', %s) AND held_until > clock_timestamp())
RETURNING for_tenant, run_id"""
_HOLD = """
UPDATE retention_turn SET held_until = clock_timestamp() + make_interval(secs => %s)
WHERE run_id = %s AND holder = %s RETURNING 1"""
_LET_GO = "UPDATE retention_turn SET holder = '', held_until = clock_timestamp() WHERE run_id = %s AND holder = %s"


def begin(namespace: str, actor: Actor) -> RetentionRun:
    """What is to be done is settled now, by the policies as they are. AnotherRuns when one goes on."""
    hold_name("retention")
    if RetentionRun.objects.filter(namespace=namespace, ended_at=None).exists():
        raise AnotherRuns()
    at = now()
    settled = [step.kept() for step in steps(policies(), namespace, at)]
    by = {"kind": actor.kind.value, "id": actor.id, "name": actor.name}
    run = RetentionRun.objects.create(namespace=namespace, actor=by, steps=settled, started_at=at)
    RetentionTurn.objects.create(run_id=run.id, for_tenant=run.tenant_id, held_until=at)
    return run


def next_to_work_on(me: str) -> tuple[str, str] | None:
    """Tenant and id of the open run that has waited longest, now held by this process; None when there is none, or
    when another process works on one: there is one at a time in the whole instance."""
    pipeline = Pipeline()
    pipeline.add(_ALONE)
    place = pipeline.add(_NEXT, [me, RETENTION.lease.total_seconds(), me])
    with instance_scope():
        found = pipeline.run()[place]
    return (found[0][0], found[0][1]) if found else None


def hold(run_id: str, me: str) -> bool:
    """Whether it is still this process's: then it is until the lease is over anew, and against others until the
    commit."""
    pipeline = Pipeline()
    place = pipeline.add(_HOLD, [RETENTION.lease.total_seconds(), run_id, me])
    return bool(pipeline.run()[place])


def let_go(run_id: str, me: str) -> None:
    """Another one has its turn, or another process."""
    pipeline = Pipeline()
    pipeline.add(_LET_GO, [run_id, me])
    pipeline.run()


def close(run: RetentionRun, state: State, failure: str = "") -> None:
    run.state, run.failure, run.ended_at = state.value, failure, now()
    run.save(update_fields=["state", "failure", "ended_at"])
    RetentionTurn.objects.filter(run_id=run.id).delete()


def opening(run: RetentionRun) -> Change:
    """What the audit trail is told when it begins: nothing goes before that is told. The entry of its end is about the
    run; this one, which may be of the same act, is about what is kept how long there."""
    detail = {"retention": "started", "run": run.id, "steps": len(run.steps)}
    return Change(POLICY.name, "", run.namespace or None, None, {"state": run.state}, detail)


def outcome(run: RetentionRun) -> Change:
    """What the audit trail is told of one that has ended."""
    detail = {"retention": run.state.lower(), "counts": run.counts, "startDate": iso(run.started_at)}
    detail |= {"failure": run.failure} if run.failure else {}
    before, after = {"state": State.RUNNING.value}, {"state": run.state}
    return Change(POLICY.name, run.id, run.namespace or None, before, after, detail)
