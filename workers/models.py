"""The fleet: groups, their tokens, the processes that joined; and the queue of what they are to do."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Now

from control_plane.kernel.models import IdField, TenantOwned
from control_plane.kernel.words.ids import new_id

DEFAULT_GROUP = "default"


class WorkerGroup(models.Model):
    """A named pool of workers. It belongs to the instance; its jobs belong to tenants."""

    key = models.CharField(max_length=63, primary_key=True)
    name = models.CharField(max_length=255, blank=True, default="")
    description = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        db_table = "worker_group"


class WorkerQueue(models.Model):
    """A line of jobs that flows choose by its tags. It belongs to the instance; `allowed_tenants` empty means all.

    The one called `default` is there from the start, has no tags, and takes what names no workers.
    """

    id = models.CharField(max_length=63, primary_key=True)
    name = models.CharField(max_length=255, blank=True, default="")
    description = models.TextField(blank=True, default="")
    tags = models.JSONField[list[str], list[str]](default=list)
    allowed_tenants = models.JSONField[list[str], list[str]](default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        db_table = "worker_queue"


class Subscription(models.Model):
    """A group takes the jobs of a queue. `reserved_percent` of each worker's slots are kept for them; with the mode
    STRICT they never get more."""

    group = models.ForeignKey(WorkerGroup, on_delete=models.CASCADE, related_name="subscriptions")
    queue = models.ForeignKey(WorkerQueue, on_delete=models.PROTECT, related_name="subscriptions")
    reserved_percent = models.PositiveSmallIntegerField(default=0)
    mode = models.CharField(max_length=7, default="ELASTIC")

    class Meta:
        db_table = "worker_subscription"
        constraints = [models.UniqueConstraint(fields=["group", "queue"], name="worker_subscription_once")]


class WorkerGroupToken(models.Model):
    """A credential that may claim for one group and nothing else. Only its hash is kept."""

    id = IdField(primary_key=True, default=new_id, editable=False)
    group = models.ForeignKey(WorkerGroup, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True, default="")
    prefix = models.CharField(max_length=16)
    hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "worker_group_token"


class Worker(models.Model):
    """One process that runs jobs, from its registration until it says goodbye or falls silent.

    The id is new with each start of the process. Leases are never judged by this row, only by the job's own.
    """

    id = IdField(primary_key=True, default=new_id, editable=False)
    group = models.ForeignKey(WorkerGroup, on_delete=models.CASCADE, related_name="workers")
    token = models.ForeignKey(WorkerGroupToken, on_delete=models.CASCADE, related_name="workers")
    name = models.CharField(max_length=255)
    host = models.CharField(max_length=255)
    pid = models.BigIntegerField()
    version = models.CharField(max_length=64)
    slots = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    is_draining = models.BooleanField(default=False)
    ended = models.BigIntegerField(default=0, db_default=0)
    """Jobs it has ended since it started, as its heartbeats say."""
    ended_rate = models.FloatField(default=0.0, db_default=0.0)
    """Jobs it ends a second, between its last two heartbeats."""

    class Meta:
        db_table = "worker"
        indexes = [models.Index(fields=["group", "-seen_at"], name="worker_of_group")]


class Job(TenantOwned):
    """Something a worker is to do, from its order to its end; then the row is gone, and its token with it.

    `subject_id`, `part_id`, `attempt` and `key` say what it is about in words of whoever registered the kind; together
    they are unique, so an attempt is never ordered twice. `phase` is `queued`, `leased` (in a worker's hand) or
    `started`.
    """

    group_key = models.CharField(max_length=80)
    """The line it waits in: the key of a group, or `queue:` and the id of a queue."""
    kind = models.CharField(max_length=10)
    subject_id = models.CharField(max_length=22)
    part_id = models.CharField(max_length=22, blank=True, default="")
    attempt = models.PositiveIntegerField(default=1)
    key = models.CharField(max_length=300, blank=True, default="")
    payload = models.JSONField[dict[str, Any], dict[str, Any]](default=dict)
    phase = models.CharField(max_length=7, default="queued")
    fallback = models.CharField(max_length=6, blank=True, default="", db_default="")
    """What becomes of it when no worker serves its line; empty means that it waits."""
    due_at = models.DateTimeField()
    offered_at = models.DateTimeField()
    offers = models.PositiveIntegerField(default=1)
    worker_id = models.CharField(max_length=22, blank=True, default="")
    claimed_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    claim_request = models.CharField(max_length=64, blank=True, default="")
    """The request that took it: when it is repeated, so is its answer."""
    last_report = models.CharField(max_length=64, blank=True, default="")
    """The last report that spoke of it: when it is repeated, its lines are not written twice."""
    kill_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        db_table = "job"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "subject_id", "part_id", "attempt", "key"], name="job_once"),
        ]
        indexes = [
            models.Index(
                fields=["group_key", "tenant_id", "due_at"],
                name="job_queue",
                condition=models.Q(phase="queued"),
            ),
            models.Index(
                fields=["group_key"], name="job_unserved", condition=models.Q(phase="queued") & ~models.Q(fallback="")
            ),
            models.Index(fields=["lease_until"], name="job_leases", condition=~models.Q(phase="queued")),
            models.Index(
                fields=["worker_id", "claim_request"], name="job_of_worker", condition=~models.Q(phase="queued")
            ),
            models.Index(
                fields=["subject_id"], name="job_of_trigger", condition=models.Q(kind__in=("trigger", "listen"))
            ),
        ]
