"""What an operator lays over everything, and what people are told."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now

from control_plane.kernel.models import TENANT_ID_LENGTH, IdField, TenantOwned
from control_plane.kernel.words.ids import new_id


class Announcement(models.Model):
    """A message to everybody, or to the people of one tenant, between two moments."""

    id = IdField(primary_key=True, default=new_id, editable=False)
    message = models.TextField()
    type = models.CharField(max_length=7, default="INFO")
    start_date = models.DateTimeField(null=True)
    end_date = models.DateTimeField(null=True)
    only_for = models.CharField(max_length=TENANT_ID_LENGTH, null=True)
    """The tenant it is for; None is everybody."""
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "announcement"


class KillSwitch(models.Model):
    """Stops, cancels, holds or lets pass the executions of a scope, from one moment on, maybe until another.

    Empty parts of the scope are wide: without a tenant it covers the instance. A deleted one stays, for the record.
    """

    id = IdField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=250)
    description = models.TextField(blank=True, default="")
    evaluation = models.CharField(max_length=6)
    for_tenant = models.CharField(max_length=TENANT_ID_LENGTH, blank=True, default="")
    namespace = models.CharField(max_length=150, blank=True, default="")
    flow_id = models.CharField(max_length=100, blank=True, default="")
    execution_ids = models.JSONField[list[str], list[str]](default=list)
    start_date = models.DateTimeField()
    end_date = models.DateTimeField(null=True)
    is_enabled = models.BooleanField(default=True)
    is_deleted = models.BooleanField(default=False)
    is_lifted = models.BooleanField(default=False)
    """Whether what it held was let go on since it last applied."""
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        db_table = "kill_switch"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["start_date"], name="kill_switch_open", condition=models.Q(is_deleted=False))
        ]


class Maintenance(models.Model):
    """The one row that is there while the instance is in maintenance."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=255)

    class Meta:
        db_table = "maintenance"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(id=1), name="maintenance_is_one")
        ]


class Notification(models.Model):
    """Something one person is told. `reference` says the same thing once: telling it again renews it."""

    id = IdField(primary_key=True, default=new_id, editable=False)
    user_id = models.CharField(max_length=22)
    about_tenant = models.CharField(max_length=TENANT_ID_LENGTH, null=True)
    title = models.TextField()
    reference = models.CharField(max_length=300, null=True)
    current = models.PositiveIntegerField(null=True)
    total = models.PositiveIntegerField(null=True)
    is_read = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "notification"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user_id", "reference"], name="notification_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user_id", "-updated_at", "-id"], name="notification_latest"),
            models.Index(fields=["user_id"], name="notification_unread", condition=models.Q(is_read=False)),
        ]


class PolicyFields(models.Model):
    """What every policy is, whoever it is of. `target` narrows it: `tenants`, or `namespaces` with all below them."""

    key = models.CharField(max_length=63)
    display_name = models.CharField(max_length=255, blank=True, default="")
    description = models.TextField(blank=True, default="")
    enforcement = models.CharField(max_length=9, default="ACTIVE")
    target = models.JSONField[dict[str, list[str]], dict[str, list[str]]](default=dict)
    rules = models.JSONField[list[dict[str, Any]], list[dict[str, Any]]](default=list)
    source = models.TextField(blank=True, default="")
    """The text it was written in, where it was."""
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        abstract = True


class InstancePolicy(PolicyFields):
    """Rules that hold in every tenant, or in those it names."""

    id = IdField(primary_key=True, default=new_id, editable=False)

    class Meta:
        db_table = "instance_policy"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["key"], name="instance_policy_key")
        ]


class Policy(TenantOwned, PolicyFields):
    """Rules that hold in a tenant, or, where it names one, in a namespace and below."""

    namespace = models.CharField(max_length=150, blank=True, default="")

    class Meta(TenantOwned.Meta):
        db_table = "policy"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant_id", "namespace", "key"], name="policy_key")
        ]


class QuotaCount(TenantOwned):
    """How far a quota is used up since `start`. Empty parts of the place are wide."""

    namespace = models.CharField(max_length=150, blank=True, default="")
    flow_id = models.CharField(max_length=100, blank=True, default="")
    key = models.CharField(max_length=100)
    start = models.DateTimeField()
    count = models.BigIntegerField(default=0)

    class Meta(TenantOwned.Meta):
        db_table = "quota_count"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant_id", "namespace", "flow_id", "key"], name="quota_count_place")
        ]


class RetentionPolicy(TenantOwned):
    """What of a namespace and below goes, and when; without a namespace of the whole tenant.

    For each kind of data the nearest one decides that says anything of that kind.
    """

    namespace = models.CharField(max_length=150, blank=True, default="")
    rules = models.JSONField[dict[str, Any], dict[str, Any]]()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantOwned.Meta):
        db_table = "retention_policy"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant_id", "namespace"], name="retention_policy_place")
        ]


class RetentionRun(TenantOwned):
    """One carrying out of the policies of a namespace and below, or of the whole tenant.

    `steps` were settled when it began; `step` is the one under way, and `cursor` how far it has come.
    """

    namespace = models.CharField(max_length=150, blank=True, default="")
    actor = models.JSONField[dict[str, str], dict[str, str]]()
    steps = models.JSONField[list[dict[str, Any]], list[dict[str, Any]]]()
    step = models.PositiveIntegerField(default=0)
    cursor = models.CharField(max_length=1100, blank=True, default="")
    counts = models.JSONField[dict[str, int], dict[str, int]](default=dict)
    expected = models.JSONField[dict[str, int], dict[str, int]](default=dict)
    """How much each kind had when its turn came, for those who watch."""
    state = models.CharField(max_length=7, default="RUNNING")
    failure = models.TextField(blank=True, default="")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        db_table = "retention_run"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant_id", "namespace"],
                condition=models.Q(ended_at__isnull=True),
                name="retention_run_of_a_place",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "-started_at"], name="retention_run_latest")
        ]


class RetentionTurn(models.Model):
    """A run of some tenant that has not ended. One process of the instance works on one of them: `holder`, until
    `held_until`; the one that waits longest is next."""

    run_id = IdField(primary_key=True)
    for_tenant = models.CharField(max_length=TENANT_ID_LENGTH)
    holder = IdField(default="")
    held_until = models.DateTimeField()

    class Meta:
        db_table = "retention_turn"
