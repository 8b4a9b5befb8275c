"""Inputs that flows share, with all their revisions, behind row-level security."""

import django.db.models.deletion
from django.db import migrations, models

import control_plane.kernel.models
import control_plane.kernel.words.ids
from control_plane.kernel.isolation import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [
        ("flows", "0002_keep_plugin_defaults"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReusableInputs",
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
                ("block_id", models.CharField(max_length=100)),
                ("revision", models.PositiveIntegerField()),
                ("source", models.TextField()),
                ("document", models.JSONField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "db_table": "reusable_inputs",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_id", "namespace", "block_id"), name="reusable_inputs_name")
                ],
            },
        ),
        migrations.CreateModel(
            name="ReusableInputsRevision",
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
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("created_by", models.CharField(blank=True, default="", max_length=255)),
                (
                    "block",
                    control_plane.kernel.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="revisions",
                        to="flows.reusableinputs",
                    ),
                ),
            ],
            options={
                "db_table": "reusable_inputs_revision",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_id", "block", "revision"), name="reusable_inputs_number")
                ],
            },
        ),
        IsolateTenant("ReusableInputs"),
        IsolateTenant("ReusableInputsRevision"),
    ]
