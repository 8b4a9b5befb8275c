"""What kinds of job mean: told by the room that orders them, never known here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from control_plane.kernel.actor import Context
from control_plane.kernel.pipeline import Pipeline, Row
from workers.runtime.protocol import Found, Item, Job, Result


@dataclass(frozen=True, slots=True)
class Leased:
    """A job in a worker's hand, as its row says."""

    id: str
    tenant_id: str
    group_key: str
    kind: str
    subject_id: str
    part_id: str
    attempt: int
    key: str
    payload: dict[str, Any]
    phase: str
    worker_id: str
    claimed_at: datetime | None
    last_report: str
    kill_at: datetime | None
    seconds_left: float | None

    @property
    def address(self) -> str:
        """How a worker names it. The tenant and the subject in it spare a look across tenants; they prove nothing."""
        return f"{self.tenant_id}.{self.subject_id}.{self.id}"

    def is_lost(self, drained_by: str | None) -> bool:
        """Whether its lease has run out; or, given who hands it back, whether that one has it."""
        if self.phase == "queued" or self.seconds_left is None:
            return False
        return self.worker_id == drained_by if drained_by is not None else self.seconds_left <= 0


@dataclass(frozen=True, slots=True)
class JobReports:
    """What a worker reports of the jobs of one subject, in one request."""

    subject_id: str
    worker_id: str
    request_id: str
    items: dict[str, Item] = field(default_factory=dict)
    """By the id of the job's row."""


@dataclass(frozen=True, slots=True)
class Folded:
    """What became of reports: an answer to each job, the jobs that a claim took, unbuilt, and those of the reports that
    are still to be folded, each by itself. A claim is made with the last of them only."""

    results: Sequence[Result] = ()
    taken: Sequence[Leased] = ()
    left: Sequence[JobReports] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job stands: everything it may reach follows from this, and nothing from what it says.

    `ctx` is as whom it acts, `files` begins the storage keys of what it keeps, `caches` those of its flow's caches.
    """

    ctx: Context
    namespace: str
    flow_id: str
    execution_id: str
    task_id: str
    task_run_id: str
    files: str
    caches: str


class Claimant(Protocol):
    """A claim that can be made a part of somebody's last round trip."""

    def add(self, pipeline: Pipeline) -> None: ...

    def take(self, results: Sequence[Sequence[Row]]) -> Sequence[Leased]: ...


class JobHandler(Protocol):
    """Builds jobs for workers and takes their reports. Called inside the tenant's scope."""

    def build(self, jobs: Sequence[Leased]) -> list[Job]:
        """What a worker needs to begin. One that can no longer be done is ended here, and left out."""

    def take_reports(self, told: Sequence[JobReports], claim: Claimant | None) -> Folded:
        """Fold what happened to some subjects, at least to a single one; the claim goes into the last round trip."""

    def lost(self, subject_id: str, job_id: str, drained_by: str | None = None) -> None:
        """The lease of a job has run out: end it, unless it was renewed meanwhile. Or its worker gives it back."""

    def unserved(self, subject_id: str, job_id: str, *, cancels: bool, reason: str) -> None:
        """Nobody is there for a job that is not to wait: end it, or cancel its subject, unless somebody took it."""

    def resolve(self, subject_id: str, part_id: str, names: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
        """Variables that a job was not given, and the secrets in them."""

    def place(self, subject_id: str, part_id: str) -> Place:
        """Where the job stands. NotFound when its subject is gone."""

    def may_read(self, place: Place, key: str) -> bool:
        """Whether the key is that of a file which the job's subject may read, though it is not its own."""

    def call(self, place: Place, service: str, method: str, arguments: Mapping[str, Any]) -> Any:
        """What the stores do not serve: logs, other executions. BadParameter for what nobody serves."""

    def take_found(self, subject_id: str, job_id: str, found: Found) -> None:
        """What a trigger tells to have found: it is certain once this returns. BadParameter of what is no trigger."""


_handlers: dict[str, JobHandler] = {}


def register(kind: str, handler: JobHandler) -> None:
    _handlers[kind] = handler


def handler_of(kind: str) -> JobHandler:
    """KeyError for a kind that nobody has registered."""
    return _handlers[kind]
