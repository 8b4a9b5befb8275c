"""The queue: jobs are ordered, taken in turn, renewed, handed back and ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from threading import Lock
from typing import Any

import msgspec

from control_plane.kernel.config import config
from control_plane.kernel.pipeline import Pipeline, Row
from control_plane.kernel.scope import across_tenants
from control_plane.kernel.words.ids import new_id
from workers.hooks import claim_gate
from workers.models import DEFAULT_GROUP
from workers.queue import sql
from workers.queue.kinds import Claimant, Folded, JobReports, Leased
from workers.queue.lines import UNROUTED, Line, Lines
from workers.runtime.protocol import Result


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to order. `payload` is whatever its kind needs to know again when it is claimed."""

    kind: str
    subject_id: str
    due_at: datetime
    part_id: str = ""
    attempt: int = 1
    key: str = ""
    group: str | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    fallback: str = ""
    """What becomes of it when no worker serves its line; empty: it waits."""

    @property
    def group_key(self) -> str:
        return self.group or DEFAULT_GROUP


def order(pipeline: Pipeline, tenant: str, jobs: Sequence[NewJob]) -> None:
    """Put jobs into the queue. One that is there already is not put twice."""
    if not jobs:
        return
    values: list[Any] = []
    for job in jobs:
        payload = msgspec.json.encode(job.payload, enc_hook=str).decode()
        values += [new_id(), tenant, job.group_key, job.kind, job.subject_id, job.part_id, job.attempt, job.key]
        values += [payload, job.due_at, job.fallback]
    pipeline.add(sql.rows(sql.INSERT_JOBS, sql.JOB_ROW, len(jobs)), values)


class Turns:
    """Which tenant a line served last, in this process: the next claim begins after it. And which line a group did."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}
        self._lock = Lock()

    def after(self, line: str) -> str:
        with self._lock:
            return self._last.get(line, "")

    def served(self, line: str, tenant: str) -> None:
        with self._lock:
            self._last[line] = tenant


_turns = Turns()


class Claim:
    """One worker's request for up to `most` jobs of its group's lines: those of the group's own line, when none are
    given."""

    def __init__(self, group: str, worker_id: str, request_id: str, most: int, lines: Lines | None = None) -> None:
        self.group = group
        self.worker_id = worker_id
        self.request_id = request_id
        self.most = most
        self.lines = lines or Lines((Line(group),))
        self._is_open = claim_gate.is_open
        self._places: list[int] = []

    def add(self, pipeline: Pipeline) -> None:
        """Put it into a round trip of an open scope."""
        self._put(lambda statement, values: pipeline.add_across_tenants(_REASON, statement, values))

    def take(self, results: Sequence[Sequence[Row]]) -> list[Leased]:
        """What was taken; when the request was made before, what it took then comes first."""
        before, *now = ([leased_from(row) for row in results[place]] for place in self._places)
        taken = [job for jobs in now for job in jobs]
        for job in taken:
            _turns.served(job.group_key, job.tenant_id)
        if taken and len(self.lines.all) > 1:
            _turns.served(self._own_turns, taken[-1].group_key)
        return before + taken

    def run(self) -> list[Leased]:
        """As a transaction of its own, outside of any scope."""
        pipeline = Pipeline()
        with across_tenants(_REASON):
            self._put(pipeline.add)
            return self.take(pipeline.run())

    @property
    def _own_turns(self) -> str:
        return f"lines of {self.group}"

    def _put(self, put: Callable[[str, list[Any]], int]) -> None:
        """All lines in one round trip: what one of them gives, the next ones are not asked for."""
        if self._is_open and self.lines.are_bounded:
            put(_LOCK, [self.worker_id])
        self._places = [put(statement, values) for statement, values in self._statements()]

    def _statements(self) -> list[tuple[str, list[Any]]]:
        asked: list[tuple[str, list[Any]]] = [(sql.CLAIMED_BEFORE, [self.worker_id, self.request_id])]
        if not self._is_open:
            return asked
        is_bounded = self.lines.are_bounded
        for line in self.lines.after(_turns.after(self._own_turns)):
            values = self._values(line)
            claims = _claims(is_many=self.most > 1, is_kept=bool(line.tenants), is_bounded=is_bounded)
            asked += ((statement, [values[name] for name in names]) for statement, names in claims)
        return asked

    def _values(self, line: Line) -> dict[str, Any]:
        return {
            "group": line.key,
            "tenants": list(line.tenants),
            "strict": line.is_strict,
            "shared": self.lines.shared,
            "lines": [each.key for each in self.lines.all],
            "reserved": [each.reserved for each in self.lines.all],
            "most": self.most,
            "after": _turns.after(line.key),
            "worker": self.worker_id,
            "request": self.request_id,
            "lease": config().worker.lease_seconds,
        }


_REASON = "a worker takes the fair-next jobs of all tenants"


def _positional(statement: str) -> tuple[str, list[str]]:
    """Statements of one round trip share one row of values, so names give way to places."""
    names: list[str] = []
    parts = statement.split("%(")
    text = parts[0]
    for part in parts[1:]:
        name, rest = part.split(")s", 1)
        names.append(name)
        text += "%s" + rest
    return text, names


_LOCK, _ = _positional(sql.ONE_CLAIM_AT_A_TIME)


@cache
def _claims(*, is_many: bool, is_kept: bool, is_bounded: bool) -> list[tuple[str, list[str]]]:
    """What takes jobs of one line, each with the names of its values."""
    one = sql.claim_one(is_kept=is_kept, is_bounded=is_bounded)
    many = [sql.claim_many(is_kept=is_kept, is_bounded=is_bounded)] if is_many else []
    return [_positional(each) for each in (*many, *one)]


def leased_from(row: Row) -> Leased:
    payload = row[8] if isinstance(row[8], dict) else msgspec.json.decode(row[8])
    values: list[Any] = [*row]
    values[8] = payload
    return Leased(*values)


def lock(pipeline: Pipeline, subject_id: str, job_ids: Sequence[str]) -> int:
    """Lock these jobs of a subject; the place of their rows."""
    return pipeline.add(sql.LOCK_JOBS, [list(job_ids), subject_id])


def mark_reported(pipeline: Pipeline, job_id: str, request_id: str, *, is_started: bool) -> None:
    pipeline.add(sql.MARK_REPORTED, [is_started, request_id, job_id])


def end(pipeline: Pipeline, job_ids: Iterable[str]) -> None:
    """The jobs are over: their rows go, and their tokens with them."""
    for job_id in job_ids:
        pipeline.add(sql.END_JOB, [job_id])


def end_of_nobody(pipeline: Pipeline, subject_id: str, job_ids: Sequence[str], worker_id: str | None) -> None:
    """Jobs of a subject that is gone are over; with a worker only those that are in its hand."""
    if job_ids:
        pipeline.add(sql.END_JOBS_OF_NOBODY, [list(job_ids), subject_id, worker_id, worker_id])


def withdraw(pipeline: Pipeline, subject_id: str, part_ids: Sequence[str]) -> int:
    """What nobody has taken is gone, what is in a worker's hand is to stop; the place of the latter's rows."""
    pipeline.add(sql.WITHDRAW, [subject_id, list(part_ids)])
    return pipeline.add(sql.ASK_KILL, [subject_id, list(part_ids)])


def withdraw_all(pipeline: Pipeline, subject_id: str) -> int:
    """Every job of a subject is gone; the place of the rows that were in a worker's hand."""
    return pipeline.add(sql.WITHDRAW_ALL, [subject_id])


def renew(worker_id: str, job_ids: Sequence[str]) -> dict[str, bool]:
    """Prolong the leases that are still this worker's: job id -> whether it is to be killed."""
    pipeline = Pipeline()
    with across_tenants("a worker renews its leases of all tenants"):
        place = pipeline.add(sql.RENEW, [config().worker.lease_seconds, worker_id, list(job_ids)])
        return dict(pipeline.run()[place])


def hand_back(worker_id: str, job_ids: Sequence[str]) -> list[tuple[str, str]]:
    """Jobs that were never started wait again, as if nobody had taken them: each with its group."""
    pipeline = Pipeline()
    with across_tenants("a worker hands jobs of all tenants back"):
        place = pipeline.add(sql.HAND_BACK, [worker_id, list(job_ids)])
        return [(job, group) for job, group in pipeline.run()[place]]


def kills_of(worker_id: str) -> list[tuple[str, float]]:
    """Jobs in a worker's hand that are to be stopped, as it names them, and when that was asked."""
    pipeline = Pipeline()
    with across_tenants("a worker asks for its orders of all tenants"):
        place = pipeline.add(sql.KILLS_OF, [worker_id])
        return [(f"{tenant}.{subject}.{job}", at) for tenant, subject, job, at in pipeline.run()[place]]


def let_strangers_go(line: str, tenants: Sequence[str]) -> None:
    """Jobs of other tenants than these look for another line, as those do whose line is not there. In an instance
    scope."""
    pipeline = Pipeline()
    with across_tenants("a line is no longer for all tenants whose jobs wait in it"):
        pipeline.add(sql.LET_GO, [UNROUTED, line, list(tenants)])
        pipeline.run()


def kinds_of(job_ids: Sequence[str]) -> dict[str, str]:
    """The kind of each job that is not over."""
    if not job_ids:
        return {}
    pipeline = Pipeline()
    with across_tenants("a worker gives back jobs of all tenants"):
        place = pipeline.add(sql.KINDS_OF, [list(job_ids)])
        return dict(pipeline.run()[place])


def reports_of_nobody(reports: JobReports, claim: Claimant | None) -> Folded:
    """What a handler answers when the subject of its jobs was deleted while a worker had them."""
    pipeline = Pipeline()
    end_of_nobody(pipeline, reports.subject_id, list(reports.items), reports.worker_id)
    if claim is not None:
        claim.add(pipeline)
    written = pipeline.run()
    results = [Result(job_id=item.job_id, status="gone") for item in reports.items.values()]
    return Folded(results, claim.take(written) if claim is not None else ())
