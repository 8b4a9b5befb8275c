"""Directories that push people and groups by SCIM: what they said, and their last calls."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from control_plane.kernel.models import TenantForeignKey, TenantOwned
from iam.models.people import Group, User


class SecurityIntegration(TenantOwned):
    """A company's directory that pushes people and groups into the tenant, with a token of its own."""

    name = models.CharField(max_length=63)
    description = models.TextField(blank=True, default="")
    type = models.CharField(max_length=10, default="SCIM")
    client = models.CharField(max_length=12, default="GENERIC")
    """Whose habits are met: GENERIC, OKTA, ENTRA, KEYCLOAK or AUTHENTIK."""
    is_enabled = models.BooleanField(default=True)
    digest = models.CharField(max_length=64)
    prefix = models.CharField(max_length=16)
    former_digest = models.CharField(max_length=64, null=True)
    """Of the token before, which opens until `former_ends_at`."""
    former_ends_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    rotated_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        db_table = "iam_security_integration"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "name"], name="iam_security_integration_name")]
        indexes = [
            models.Index(fields=["digest"], name="iam_integration_digest"),
            models.Index(fields=["former_digest"], name="iam_integration_former"),
        ]


class ScimResource(TenantOwned):
    """What a client said of somebody or something, as it is shown to it again."""

    integration = TenantForeignKey(SecurityIntegration, on_delete=models.CASCADE, related_name="+")
    external_id = models.CharField(max_length=255, blank=True, default="")
    document = models.JSONField[dict[str, Any], dict[str, Any]](default=dict)
    folded = models.JSONField[dict[str, Any], dict[str, Any]](default=dict)
    """The document in small letters, to be searched."""
    version = models.PositiveBigIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        abstract = True


class ScimUser(ScimResource):
    """A user as a client pushed them. After its DELETE the row stays, so that a return is the same person's."""

    user = models.ForeignKey(User, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    user_name = models.CharField(max_length=255)
    """In small letters; the document has it as it was said."""
    is_active = models.BooleanField(default=True)
    has_closed = models.BooleanField(default=False)
    """The client closed the account, so it may open it again; whom a superadmin closed, it may not."""
    deleted_at = models.DateTimeField(null=True)

    class Meta(ScimResource.Meta):
        db_table = "iam_scim_user"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "user"], name="iam_scim_user_once"),
            models.UniqueConstraint(
                fields=["tenant_id", "integration", "user_name"],
                condition=models.Q(deleted_at=None),
                name="iam_scim_user_name",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "integration", "external_id"], name="iam_scim_user_external"),
            models.Index(fields=["tenant_id", "integration", "created_at", "id"], name="iam_scim_user_order"),
            GinIndex(fields=["folded"], opclasses=["jsonb_path_ops"], name="iam_scim_user_folded"),
        ]


class ScimGroup(ScimResource):
    """A group as a client pushed it; who is in it is said by the places in the group itself."""

    group = TenantForeignKey(Group, on_delete=models.CASCADE, related_name="+")

    class Meta(ScimResource.Meta):
        db_table = "iam_scim_group"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "group"], name="iam_scim_group_once")]
        indexes = [
            models.Index(fields=["tenant_id", "integration", "external_id"], name="iam_scim_group_external"),
            models.Index(fields=["tenant_id", "integration", "created_at", "id"], name="iam_scim_group_order"),
        ]


class ScimCall(TenantOwned):
    """One of the last calls of an integration; each takes the place (`slot`) of the one a hundred before it."""

    integration = TenantForeignKey(SecurityIntegration, on_delete=models.CASCADE, related_name="+")
    slot = models.PositiveSmallIntegerField()
    number = models.PositiveBigIntegerField()
    """Which of all its calls it is, the first being 1."""
    at = models.DateTimeField()
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=1000)
    asked = models.TextField(blank=True, default="")
    status = models.PositiveSmallIntegerField()
    answered = models.TextField(blank=True, default="")
    changed = models.JSONField[list[dict[str, Any]], list[dict[str, Any]]](default=list)
    error = models.TextField(blank=True, default="")
    milliseconds = models.FloatField()
    request_id = models.CharField(max_length=64)

    class Meta(TenantOwned.Meta):
        db_table = "iam_scim_call"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "integration", "slot"], name="iam_scim_call_slot")]
