"""What starts executions by itself, as it is kept: a row for each trigger of each flow, and each time one fired."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from control_plane.kernel.models import TenantForeignKey, TenantOwned
from control_plane.kernel.words.clock import iso, parse_iso
from plugins.conditions.windows import WindowRecord

Json = dict[str, Any]
KINDS = ("SCHEDULE", "POLLING", "REALTIME", "FLOW", "WEBHOOK", "OTHER")


class Trigger(TenantOwned):
    """A trigger of the revision that runs now. It comes and goes with its flow, in the flow's own transaction.

    `due_at` is when somebody has to look at it; without one nobody does: it is off, it waits for its execution, or no
    date is left. It never lies before the moment since which it may be looked at, so it tells how long nobody has.
    """

    namespace = models.CharField(max_length=150)
    flow_id = models.CharField(max_length=100)
    trigger_id = models.CharField(max_length=256)
    revision = models.PositiveIntegerField()
    revision_id = models.CharField(max_length=22)
    type = models.CharField(max_length=255)
    kind = models.CharField(max_length=10)
    document = models.JSONField[Json, Json]()
    """As its author wrote it."""
    is_off = models.BooleanField(default=False)
    """The flow, or the trigger in it, is disabled."""
    is_disabled = models.BooleanField(default=False)
    """Somebody has disabled it here, or an execution ended in a state after which it stops."""
    allows_concurrent = models.BooleanField(default=False)
    stop_after = ArrayField(models.CharField(max_length=12), default=list)
    listens_to = ArrayField(models.CharField(max_length=12), default=list)
    """The states of other executions that one of kind FLOW looks at."""
    problem = models.TextField(null=True)
    """Why it cannot fire, or did not when it was looked at last."""
    next_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    evaluated_at = models.DateTimeField(null=True)
    fired_at = models.DateTimeField(null=True)
    execution_id = models.CharField(max_length=22, null=True)
    """The execution that it waits for."""
    evaluation_id = models.CharField(max_length=22, null=True)
    """The look of a worker that is under way: the key of its job, and the id of the execution it may start."""
    failures = models.PositiveIntegerField(default=0)
    """How many looks, one after the other, have failed or lost their worker."""
    said = models.JSONField[list[Json], list[Json]](default=list)
    """The last lines of the look, with their level and moment."""
    backfill = models.JSONField[Json | None, Json | None](null=True)
    recovered = models.JSONField[Json | None, Json | None](null=True)
    """What was made of the dates that passed while nobody looked, the last time there were any."""
    updated_at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        db_table = "flow_trigger"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "namespace", "flow_id", "trigger_id"], name="trigger_name"),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="trigger_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["tenant_id", "kind"], name="trigger_by_kind"),
            models.Index(
                fields=["execution_id"], name="trigger_waiting", condition=models.Q(execution_id__isnull=False)
            ),
            models.Index(
                fields=["evaluation_id"],
                name="trigger_evaluating",
                condition=models.Q(evaluation_id__isnull=False),
            ),
        ]


class Fire(TenantOwned):
    """One date of a trigger, and the execution it started. The key makes it happen once, whoever does it."""

    trigger = TenantForeignKey(Trigger, on_delete=models.CASCADE, related_name="fires")
    run = models.CharField(max_length=22, blank=True, default="")
    """The backfill that the date belongs to; empty of one that came by itself."""
    date = models.DateTimeField()
    execution_id = models.CharField(max_length=22)
    at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        db_table = "trigger_fire"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "trigger", "run", "date"], name="trigger_fire_once"),
        ]
        indexes = [models.Index(fields=["at"], name="trigger_fire_age")]


class FlowWindow(TenantOwned):
    """What one window of a Flow trigger remembers: the dependencies that were met in it, each with when."""

    trigger = TenantForeignKey(Trigger, on_delete=models.CASCADE, related_name="windows")
    window_id = models.CharField(max_length=256)
    start = models.DateTimeField()
    end = models.DateTimeField()
    met = models.JSONField[dict[str, str], dict[str, str]](default=dict)
    brought = models.JSONField[list[Json], list[Json]](default=list)
    """Outputs of the executions it was met by, each with its namespace and flow."""

    class Meta(TenantOwned.Meta):
        db_table = "trigger_window"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "trigger", "window_id"], name="trigger_window_name"),
        ]

    @property
    def record(self) -> WindowRecord:
        return WindowRecord(self.start, self.end, {name: parse_iso(date) for name, date in self.met.items()})

    def brought_since(self, start: datetime) -> list[Json]:
        """What executions from this moment on have brought."""
        return [each for each in self.brought if parse_iso(each["at"]) >= start]

    def remember(self, record: WindowRecord, execution: Json, at: datetime) -> None:
        """What it knows now; of a flow that came again the last, and nothing of what has been answered."""
        own = {"namespace": execution["namespace"], "flowId": execution["flowId"]}
        others = [each for each in self.brought_since(record.start) if not own.items() <= each.items()]
        self.brought = [*others, {**own, "at": iso(at), "outputs": execution["outputs"] or {}}] if record.met else []
        self.start, self.end = record.start, record.end
        self.met = {name: iso(date) for name, date in record.met.items()}


class Change(TenantOwned):
    """An execution came into a state that a Flow trigger looks at. Deleted by whoever tells it, with what follows."""

    execution_id = models.CharField(max_length=22)
    step = models.PositiveIntegerField()
    state = models.CharField(max_length=12)
    at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        db_table = "trigger_change"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "execution_id", "step"], name="trigger_change_once"),
        ]
        indexes = [models.Index(fields=["at"], name="trigger_change_due")]
