"""Directories that push people and groups, what they pushed, and their last calls."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

import control_plane.kernel.models
import control_plane.kernel.words.ids
from control_plane.kernel.isolation import IsolateTenant, OpenToService, ReferenceInstance


class Migration(migrations.Migration):
    dependencies = [
        ("iam", "0008_say_which_groups_are_pushed"),
    ]

    operations = [
        migrations.CreateModel(
            name="SecurityIntegration",
            fields=[
                (
                    "id",
                    control_plane.kernel.models.IdField(
                        default=control_plane.kernel.words.ids.new_id,
                        editable=False,
                        max_length=22,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant_id", models.CharField(editable=False, max_length=63)),
                ("name", models.CharField(max_length=63)),
                ("description", models.TextField(blank=True, default="")),
                ("type", models.CharField(default="SCIM", max_length=10)),
                ("client", models.CharField(default="GENERIC", max_length=12)),
                ("is_enabled", models.BooleanField(default=True)),
                ("digest", models.CharField(max_length=64)),
                ("prefix", models.CharField(max_length=16)),
                ("former_digest", models.CharField(max_length=64, null=True)),
                ("former_ends_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("rotated_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "iam_security_integration",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_id", "name"), name="iam_security_integration_name")
                ],
                "indexes": [
                    models.Index(fields=["digest"], name="iam_integration_digest"),
                    models.Index(fields=["former_digest"], name="iam_integration_former"),
                ],
            },
        ),
        IsolateTenant("SecurityIntegration"),
        # Whoever shows a token has not named a tenant that could be believed.
        OpenToService("SecurityIntegration"),
        migrations.CreateModel(
            name="ScimUser",
            fields=[
                (
                    "id",
                    control_plane.kernel.models.IdField(
                        default=control_plane.kernel.words.ids.new_id,
                        editable=False,
                        max_length=22,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant_id", models.CharField(editable=False, max_length=63)),
                ("external_id", models.CharField(blank=True, default="", max_length=255)),
                ("document", models.JSONField(default=dict)),
                ("folded", models.JSONField(default=dict)),
                ("version", models.PositiveBigIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("user_name", models.CharField(max_length=255)),
                ("is_active", models.BooleanField(default=True)),
                ("has_closed", models.BooleanField(default=False)),
                ("deleted_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="iam.user",
                    ),
                ),
                (
                    "integration",
                    control_plane.kernel.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="iam.securityintegration",
                    ),
                ),
            ],
            options={
                "db_table": "iam_scim_user",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["tenant_id", "integration", "external_id"], name="iam_scim_user_external"),
                    models.Index(fields=["tenant_id", "integration", "created_at", "id"], name="iam_scim_user_order"),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["folded"], name="iam_scim_user_folded", opclasses=["jsonb_path_ops"]
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_id", "user"), name="iam_scim_user_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("deleted_at", None)),
                        fields=("tenant_id", "integration", "user_name"),
                        name="iam_scim_user_name",
                    ),
                ],
            },
        ),
        IsolateTenant("ScimUser"),
        ReferenceInstance("ScimUser", "user"),
        migrations.CreateModel(
            name="ScimGroup",
            fields=[
                (
                    "id",
                    control_plane.kernel.models.IdField(
                        default=control_plane.kernel.words.ids.new_id,
                        editable=False,
                        max_length=22,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant_id", models.CharField(editable=False, max_length=63)),
                ("external_id", models.CharField(blank=True, default="", max_length=255)),
                ("document", models.JSONField(default=dict)),
                ("folded", models.JSONField(default=dict)),
                ("version", models.PositiveBigIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "group",
                    control_plane.kernel.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="iam.group",
                    ),
                ),
                (
                    "integration",
                    control_plane.kernel.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="iam.securityintegration",
                    ),
                ),
            ],
            options={
                "db_table": "iam_scim_group",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["tenant_id", "integration", "external_id"], name="iam_scim_group_external"),
                    models.Index(fields=["tenant_id", "integration", "created_at", "id"], name="iam_scim_group_order"),
                ],
                "constraints": [models.UniqueConstraint(fields=("tenant_id", "group"), name="iam_scim_group_once")],
            },
        ),
        IsolateTenant("ScimGroup"),
        migrations.CreateModel(
            name="ScimCall",
            fields=[
                (
                    "id",
                    control_plane.kernel.models.IdField(
                        default=control_plane.kernel.words.ids.new_id,
                        editable=False,
                        max_length=22,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant_id", models.CharField(editable=False, max_length=63)),
                ("slot", models.PositiveSmallIntegerField()),
                ("number", models.PositiveBigIntegerField()),
                ("at", models.DateTimeField()),
                ("method", models.CharField(max_length=10)),
                ("path", models.CharField(max_length=1000)),
                ("asked", models.TextField(blank=True, default="")),
                ("status", models.PositiveSmallIntegerField()),
                ("answered", models.TextField(blank=True, default="")),
                ("changed", models.JSONField(default=list)),
                ("error", models.TextField(blank=True, default="")),
                ("milliseconds", models.FloatField()),
                ("request_id", models.CharField(max_length=64)),
                (
                    "integration",
                    control_plane.kernel.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="iam.securityintegration",
                    ),
                ),
            ],
            options={
                "db_table": "iam_scim_call",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_id", "integration", "slot"), name="iam_scim_call_slot")
                ],
            },
        ),
        IsolateTenant("ScimCall"),
    ]
