"""Flows and reusable inputs as they are kept: the latest word on each, and every revision that ever was."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from control_plane.kernel.models import TenantForeignKey, TenantOwned


class Flow(TenantOwned):
    """A flow as it is now: what lists, searches and starts need, without reading a revision.

    A deleted flow keeps its row and its revisions: creating it again goes on counting.
    """

    namespace = models.CharField(max_length=150)
    flow_id = models.CharField(max_length=100)
    revision = models.PositiveIntegerField()
    revision_id = models.CharField(max_length=22)
    """The FlowRevision that is run when none is named: the latest one that is no draft."""
    description = models.TextField(blank=True, default="")
    labels = models.JSONField[dict[str, str], dict[str, str]](default=dict)
    is_disabled = models.BooleanField(default=False)
    is_deleted = models.BooleanField(default=False)
    is_draft = models.BooleanField(default=False)
    """Only drafts were saved so far: there is nothing to run."""
    source = models.TextField()
    document = models.JSONField[dict[str, Any], dict[str, Any]]()
    """What the API shows of it, so that no list parses YAML."""
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantOwned.Meta):
        db_table = "flow"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "namespace", "flow_id"], name="flow_name"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "flow_id"], name="flow_by_id"),
            GinIndex(fields=["labels"], name="flow_labels", opclasses=["jsonb_path_ops"]),
        ]


class FlowRevision(TenantOwned):
    """One saved version of a flow. Never changed; the last one of a deleted flow is its tombstone."""

    flow = TenantForeignKey(Flow, on_delete=models.CASCADE, related_name="revisions")
    revision = models.PositiveIntegerField()
    source = models.TextField()
    document = models.JSONField[dict[str, Any], dict[str, Any]]()
    plugin_defaults = models.JSONField[list[dict[str, Any]], list[dict[str, Any]]](default=list)
    """Those of its namespace when it was saved: without them it may lack what it needs."""
    is_deleted = models.BooleanField(default=False)
    is_draft = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=255, blank=True, default="")

    class Meta(TenantOwned.Meta):
        db_table = "flow_revision"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "flow", "revision"], name="flow_revision_number"),
        ]


class ReusableInputs(TenantOwned):
    """A block of inputs that flows of a namespace, and of those below, may name."""

    namespace = models.CharField(max_length=150)
    block_id = models.CharField(max_length=100)
    revision = models.PositiveIntegerField()
    source = models.TextField()
    document = models.JSONField[dict[str, Any], dict[str, Any]]()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantOwned.Meta):
        db_table = "reusable_inputs"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "namespace", "block_id"], name="reusable_inputs_name"),
        ]


class ReusableInputsRevision(TenantOwned):
    """One saved version of a block. Never changed."""

    block = TenantForeignKey(ReusableInputs, on_delete=models.CASCADE, related_name="revisions")
    revision = models.PositiveIntegerField()
    source = models.TextField()
    document = models.JSONField[dict[str, Any], dict[str, Any]]()
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=255, blank=True, default="")

    class Meta(TenantOwned.Meta):
        db_table = "reusable_inputs_revision"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "block", "revision"], name="reusable_inputs_number"),
        ]
