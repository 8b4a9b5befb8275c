"""Flows and their revisions, behind row-level security."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

import control_plane.kernel.models
import control_plane.kernel.words.ids
from control_plane.kernel.isolation import IsolateTenant


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Flow",
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
                ("namespace", models.CharField(max_length=150)),
                ("flow_id", models.CharField(max_length=100)),
                ("revision", models.PositiveIntegerField()),
                ("revision_id", models.CharField(max_length=22)),
                ("description", models.TextField(blank=True, default="")),
                ("labels", models.JSONField(default=dict)),
                ("is_disabled", models.BooleanField(default=False)),
                ("is_deleted", models.BooleanField(default=False)),
                ("is_draft", models.BooleanField(default=False)),
                ("source", models.TextField()),
                ("document", models.JSONField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "db_table": "flow",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["tenant_id", "flow_id"], name="flow_by_id"),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["labels"], name="flow_labels", opclasses=["jsonb_path_ops"]
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_id", "namespace", "flow_id"), name="flow_name")
                ],
            },
        ),
        IsolateTenant("Flow"),
        migrations.CreateModel(
            name="FlowRevision",
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
                ("revision", models.PositiveIntegerField()),
                ("source", models.TextField()),
                ("document", models.JSONField()),
                ("is_deleted", models.BooleanField(default=False)),
                ("is_draft", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("created_by", models.CharField(blank=True, default="", max_length=255)),
                (
                    "flow",
                    control_plane.kernel.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="revisions",
                        to="flows.flow",
                    ),
                ),
            ],
            options={
                "db_table": "flow_revision",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_id", "flow", "revision"), name="flow_revision_number")
                ],
            },
        ),
        IsolateTenant("FlowRevision"),
    ]
