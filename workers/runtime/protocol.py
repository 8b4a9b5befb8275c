"""The words that a worker and the control plane exchange: JSON over HTTP, one struct a message."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

BASE = "/api/v1/worker/"
"""Every path of the worker API begins with this."""

JobKind = Literal["run", "evaluate", "trigger", "listen"]
ItemStatus = Literal["ok", "gone", "killed"]


class Message(msgspec.Struct, rename="camel", omit_defaults=True):
    """camelCase outside; a field at its default is left out; unknown fields are ignored: versions may differ."""


class Job(Message, kw_only=True):
    """An attempt handed to a worker, with everything it needs to begin.

    `task` is the document of the task with plugin defaults applied. `scope` holds the variables its expressions may
    touch; a name that is missing is asked for with `resolve`. `token` opens this job's stores and dies with the lease,
    which ends `lease_until` seconds after the answer was sent. `children` are the task runs of a WorkingDirectory.
    For `evaluate`, `evaluations` are rendered and come back as `values`; for `trigger`, which looks once, and `listen`,
    which goes on until it is stopped, `task` is the document of the trigger. `secrets` are texts in `scope` that
    nothing the job prints may show.
    """

    id: str
    kind: JobKind = "run"
    tenant: str
    namespace: str = ""
    flow_id: str = ""
    execution_id: str = ""
    task_run_id: str = ""
    attempt: int = 1
    lease_until: float = 30.0
    token: str = ""
    task: dict[str, Any] = {}
    scope: dict[str, Any] = {}
    timeout_seconds: float | None = None
    log_level: str | None = None
    evaluations: dict[str, Any] = {}
    children: list[Child] = []
    secrets: list[str] = []
    may_rest: bool = False
    """A task that only waits may give its slot back and let the platform wait."""


class Child(Message, kw_only=True):
    """One task run of a WorkingDirectory, run in order in the directory of its parent."""

    task_run_id: str
    task: dict[str, Any]
    scope: dict[str, Any] = {}
    attempt: int = 1
    timeout_seconds: float | None = None


class Register(Message, kw_only=True):
    request_id: str
    name: str
    host: str
    pid: int
    version: str
    slots: int
    group: str | None = None


class Broker(Message, kw_only=True):
    """Where tickets come from: for workers of the platform alone."""

    url: str
    queue: str


class Place(Message, kw_only=True):
    host: str
    port: int


class EgressRules(Message, kw_only=True):
    """Where tasks may connect to: `own` is the platform's web address, `refused` its database and broker."""

    allow_private: bool = False
    allow_self: bool = False
    own: list[Place] = []
    refused: list[Place] = []


class Registered(Message, kw_only=True):
    worker_id: str
    group: str
    lease_seconds: float = 30.0
    heartbeat_seconds: float = 5.0
    poll_seconds: float = 5.0
    broker: Broker | None = None
    egress: EgressRules = msgspec.field(default_factory=EgressRules)


class Claim(Message, kw_only=True):
    """Ask for up to `max` jobs. With `wait` above zero the answer is held back that many seconds until there is one."""

    request_id: str
    worker_id: str
    max: int = 1
    wait: float = 0.0


class Claimed(Message, kw_only=True):
    jobs: list[Job] = []


class LogLine(Message, kw_only=True):
    """`n` counts the lines of an attempt from 0 without a gap. `timestamp` is ISO-8601 in UTC."""

    timestamp: str
    level: str
    message: str
    n: int
    task_run_id: str | None = None
    """Set for a child of a WorkingDirectory; otherwise the line belongs to the job's own task run."""


class Metric(Message, kw_only=True):
    """`value` is a number, for a timer in seconds. Same name and tags add up; of a gauge the last one counts."""

    type: Literal["counter", "timer", "gauge"]
    name: str
    value: float
    tags: dict[str, str] = {}
    timestamp: str = ""
    task_run_id: str | None = None


class VariableChange(Message, kw_only=True):
    """What becomes of the variables of the execution; `plugins.contracts.running` says what each part means."""

    values: dict[str, Any] = {}
    removed: list[str] = []
    overwrite: bool = True
    ignores_missing: bool = False


class ReportedRun(Message, kw_only=True):
    """A part of an attempt's work that is shown as a task run; `started` and `ended` are ISO-8601 in UTC."""

    task_id: str
    state: str
    started: str
    ended: str
    value: str | None = None


class End(Message, kw_only=True):
    """How an attempt ended. `error` is a sentence for people; `labels` are merged into the execution's."""

    state: str
    outputs: dict[str, Any] = {}
    error: str | None = None
    is_retryable: bool = True
    labels: dict[str, str] = {}
    secrets: list[str] = []
    """Those that occur in the outputs, which are sealed where they are kept."""
    rest_seconds: float | None = None
    """The attempt ends like this after so long, until when nobody has to do anything."""
    log_file: str | None = None
    """Where the lines of the attempt lie, when its task keeps them in a file."""
    variables: VariableChange | None = None
    task_runs: list[ReportedRun] = []


class ChildEvent(Message, kw_only=True):
    """A child of a WorkingDirectory began (`end` absent) or ended."""

    task_run_id: str
    attempt: int = 1
    timestamp: str = ""
    end: End | None = None


class Item(Message, kw_only=True):
    """Reports of one job, fenced by its attempt. `started` is said once; `end` (or, for evaluations, `values`) ends it.

    For an evaluation `values` holds what was rendered, or `end` with FAILED and an error. For a trigger that fired,
    `values` holds the variables of its execution; an empty end without values means that nothing happened.
    """

    job_id: str
    attempt: int
    kind: JobKind = "run"
    """As the job was handed out; what it is counts as its row says."""
    started: bool = False
    logs: list[LogLine] = []
    metrics: list[Metric] = []
    children: list[ChildEvent] = []
    end: End | None = None
    values: dict[str, Any] | None = None
    secrets: list[str] = []
    """Those that occur in the values."""


class Report(Message, kw_only=True):
    """Reports of many jobs; the answer may hand out up to `want_jobs` more, so a chain costs one round trip a task."""

    request_id: str
    worker_id: str
    items: list[Item] = []
    want_jobs: int = 0


class Result(Message, kw_only=True):
    """`gone`: the lease is no longer this worker's; `killed`: the job must stop. Both end the job at the worker."""

    job_id: str
    status: ItemStatus = "ok"


class Reported(Message, kw_only=True):
    results: list[Result] = []
    jobs: list[Job] = []


class Heartbeat(Message, kw_only=True):
    worker_id: str
    jobs: list[str] = []
    """Jobs in hand, running or waiting."""
    ended: int = 0
    """Jobs ended since the worker started."""


class Order(Message, kw_only=True):
    order: Literal["kill", "drain"]
    job_id: str | None = None


class Beat(Message, kw_only=True):
    """`leases` gives the seconds left of each job that is still the worker's; one that is missing is gone."""

    leases: dict[str, float] = {}
    orders: list[Order] = []


class Orders(Message, kw_only=True):
    cursor: str = ""
    orders: list[Order] = []


class Release(Message, kw_only=True):
    """Hand back jobs: it counts for nothing. Those in `begun` were, even when no report has said so yet: they are never
    begun again under the same attempt."""

    request_id: str
    worker_id: str
    jobs: list[str] = []
    begun: list[str] = []


class Goodbye(Message, kw_only=True):
    request_id: str
    worker_id: str


class Resolve(Message, kw_only=True):
    """Ask for variables that the claim did not bring: dotted paths, `outputs.x.y`."""

    names: list[str]


class Resolved(Message, kw_only=True):
    """`values` has the names that exist; one that is missing is undefined."""

    values: dict[str, Any] = {}
    secrets: list[str] = []


class ServiceCall(Message, kw_only=True):
    """One call of a store behind `POST jobs/{id}/services/{service}`: a method by name, with its arguments."""

    method: str
    arguments: dict[str, Any] = {}


class ServiceAnswer(Message, kw_only=True):
    value: Any = None


class Kept(Message, kw_only=True):
    """What a trigger remembers until its next look: a pair of the namespace, for so many seconds or for good."""

    key: str
    value: Any
    ttl: float | None = None


class Found(Message, kw_only=True):
    """What a trigger has found, each the variables of an execution. `first` counts what it has found before, so that
    telling it again starts nothing twice. `secrets` are those that occur in it."""

    first: int
    found: list[dict[str, Any]] = []
    secrets: list[str] = []
    kept: Kept | None = None


class Stored(Message, kw_only=True):
    uri: str
    size: int = 0


class Empty(Message, kw_only=True):
    """An answer with nothing to say."""


class Refusal(Message, kw_only=True):
    """The body of an answer that is no 2xx."""

    message: str = ""
    code: str = ""
