"""Executions, their task runs, and what they still have to do. `transitions` alone writes them."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from control_plane.kernel.models import TenantOwned

Json = dict[str, Any]
ENDED = ("SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "RETRIED", "SKIPPED", "RESUBMITTED")


class Execution(TenantOwned):
    """One run of a flow.

    `version` counts its changes, so that a watcher notices a missed one; `log_seq` is the number of its last log line.
    `revision_id` is the FlowRevision it runs. A child names its parent's task run and the iteration it belongs to.
    """

    namespace = models.CharField(max_length=150)
    flow_id = models.CharField(max_length=100)
    flow_revision = models.PositiveIntegerField()
    revision_id = models.CharField(max_length=22)
    state = models.CharField(max_length=12)
    history = models.JSONField[list[Json], list[Json]]()
    labels = models.JSONField[dict[str, str], dict[str, str]](default=dict)
    inputs = models.JSONField[Json, Json](default=dict)
    outputs = models.JSONField[Json, Json | None](null=True)
    variables = models.JSONField[Json, Json](default=dict)
    trigger = models.JSONField[Json, Json | None](null=True)
    parent_id = models.CharField(max_length=22, null=True)
    parent_task_run_id = models.CharField(max_length=22, null=True)
    parent_iteration = models.PositiveIntegerField(null=True)
    original_id = models.CharField(max_length=22, null=True)
    kind = models.CharField(max_length=20, null=True)
    loop_run = models.JSONField[Json, Json | None](null=True)
    breakpoints = models.JSONField[list[str], list[str]](default=list)
    schedule_date = models.DateTimeField(null=True)
    attempt_number = models.PositiveIntegerField(default=1)
    original_created_date = models.DateTimeField(null=True)
    task_run_count = models.PositiveIntegerField(default=0)
    frame = models.JSONField[Json, Json](default=dict)
    start_date = models.DateTimeField()
    end_date = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()
    version = models.BigIntegerField(default=1)
    log_seq = models.BigIntegerField(default=0)

    class Meta(TenantOwned.Meta):
        db_table = "execution"
        indexes = [
            models.Index(fields=["tenant_id", "-start_date", "-id"], name="execution_latest"),
            # With the kind it tells by itself how many executions a list has that is narrowed to namespaces.
            models.Index(
                fields=["tenant_id", "namespace", "flow_id", "-start_date", "-id"],
                name="execution_of_flow",
                include=["kind"],
            ),
            models.Index(fields=["tenant_id", "state", "-start_date", "-id"], name="execution_by_state"),
            models.Index(fields=["parent_id"], name="execution_children", condition=models.Q(parent_id__isnull=False)),
            models.Index(fields=["tenant_id", "id"], name="execution_open", condition=models.Q(end_date__isnull=True)),
            GinIndex(fields=["labels"], name="execution_labels", opclasses=["jsonb_path_ops"]),
        ]


class TaskRun(TenantOwned):
    """One run of a task in an execution. `path` has the loop values from the outermost ancestor to its own."""

    execution_id = models.CharField(max_length=22)
    task_id = models.CharField(max_length=256)
    seq = models.PositiveIntegerField()
    state = models.CharField(max_length=12)
    history = models.JSONField[list[Json], list[Json]]()
    parent_id = models.CharField(max_length=22, null=True)
    value = models.TextField(null=True)
    iteration = models.PositiveIntegerField(null=True)
    lane = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    branch = models.CharField(max_length=100)
    attempts = models.JSONField[list[Json], list[Json]](default=list)
    outputs = models.JSONField[Json, Json | None](null=True)
    frame = models.JSONField[Json, Json | None](null=True)
    items = models.JSONField[list[Any], list[Any] | None](null=True)
    waits_for = models.TextField(null=True)
    path = ArrayField(models.TextField(), default=list)

    class Meta(TenantOwned.Meta):
        db_table = "task_run"
        constraints = [models.UniqueConstraint(fields=["execution_id", "seq"], name="task_run_order")]
        indexes = [
            models.Index(fields=["execution_id", "task_id", "seq"], name="task_run_of_task"),
            models.Index(
                fields=["execution_id", "parent_id"],
                name="task_run_unfinished",
                condition=~models.Q(state__in=ENDED),
            ),
        ]


class Timer(TenantOwned):
    """A moment at which an execution is to be told that it has come."""

    execution_id = models.CharField(max_length=22)
    key = models.CharField(max_length=300)
    due_at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        db_table = "timer"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "execution_id", "key"], name="timer_once")]
        indexes = [models.Index(fields=["due_at"], name="timer_due")]


class OutboxEvent(TenantOwned):
    """What one execution means for another one: folded right after the commit, or by the reconciler.

    Deleted by whoever folds it, in the same transaction; never read by "newer than the last one".
    """

    kind = models.CharField(max_length=20)
    execution_id = models.CharField(max_length=22)
    """Whom it is for; of a start, who ordered it."""
    key = models.CharField(max_length=300)
    payload = models.JSONField[Json, Json](default=dict)
    due_at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        db_table = "outbox_event"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "key"], name="outbox_event_once")]
        indexes = [models.Index(fields=["due_at"], name="outbox_event_due")]


class ConcurrencySlot(TenantOwned):
    """One place under the limit of a flow, held by one execution: the limit is the number of rows there can be."""

    namespace = models.CharField(max_length=150)
    flow_id = models.CharField(max_length=100)
    number = models.PositiveIntegerField()
    execution_id = models.CharField(max_length=22)

    class Meta(TenantOwned.Meta):
        db_table = "concurrency_slot"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "namespace", "flow_id", "number"], name="slot_number"),
            models.UniqueConstraint(fields=["tenant_id", "execution_id"], name="slot_of_execution"),
        ]


class LogEntry(TenantOwned):
    """One line of an execution's log. `seq` counts an execution's lines from 1 without a gap."""

    execution_id = models.CharField(max_length=22)
    seq = models.BigIntegerField()
    namespace = models.CharField(max_length=150)
    flow_id = models.CharField(max_length=100)
    task_id = models.CharField(max_length=256, null=True)
    task_run_id = models.CharField(max_length=22, null=True)
    attempt = models.PositiveIntegerField(null=True)
    at = models.DateTimeField()
    level = models.CharField(max_length=5)
    message = models.TextField()

    class Meta(TenantOwned.Meta):
        db_table = "log_entry"
        constraints = [models.UniqueConstraint(fields=["execution_id", "seq"], name="log_entry_order")]
        indexes = [models.Index(fields=["tenant_id", "-at"], name="log_entry_latest")]


class Metric(TenantOwned):
    """One figure that a task reported."""

    execution_id = models.CharField(max_length=22)
    namespace = models.CharField(max_length=150)
    flow_id = models.CharField(max_length=100)
    task_id = models.CharField(max_length=256, null=True)
    task_run_id = models.CharField(max_length=22, null=True)
    at = models.DateTimeField()
    type = models.CharField(max_length=7)
    name = models.CharField(max_length=200)
    value = models.FloatField()
    tags = models.JSONField[dict[str, str], dict[str, str]](default=dict)

    class Meta(TenantOwned.Meta):
        db_table = "metric"
        indexes = [
            models.Index(fields=["execution_id"], name="metric_of_execution"),
            models.Index(fields=["tenant_id", "at"], name="metric_oldest"),
            models.Index(fields=["tenant_id", "namespace", "flow_id", "name", "at"], name="metric_of_flow"),
        ]


class BulkOperation(TenantOwned):
    """An act on many executions that was accepted and is done one by one."""

    verb = models.CharField(max_length=30)
    actor = models.JSONField[Json, Json](default=dict)
    execution_ids = models.JSONField[list[str], list[str]](default=list)
    arguments = models.JSONField[Json, Json](default=dict)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    """How many were tried, from the first on."""
    failed = models.PositiveIntegerField(default=0)
    failures = models.JSONField[Json, Json](default=dict)
    """Why, of the first ones that failed, by their ids."""
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        db_table = "bulk_operation"
        indexes = [models.Index(fields=["created_at"], name="bulk_open", condition=models.Q(ended_at__isnull=True))]
