"""Policies of retention, and what carrying them out has come to."""

from django.db import migrations, models

import control_plane.kernel.models
import control_plane.kernel.words.ids
from control_plane.kernel.isolation import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0003_count_for_quotas"),
    ]

    operations = [
        migrations.CreateModel(
            name="RetentionTurn",
            fields=[
                ("run_id", control_plane.kernel.models.IdField(max_length=22, primary_key=True, serialize=False)),
                ("for_tenant", models.CharField(max_length=63)),
                ("holder", control_plane.kernel.models.IdField(default="", max_length=22)),
                ("held_until", models.DateTimeField()),
            ],
            options={
                "db_table": "retention_turn",
            },
        ),
        migrations.CreateModel(
            name="RetentionPolicy",
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
                ("namespace", models.CharField(blank=True, default="", max_length=150)),
                ("rules", models.JSONField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "db_table": "retention_policy",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_id", "namespace"), name="retention_policy_place")
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionRun",
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
                ("namespace", models.CharField(blank=True, default="", max_length=150)),
                ("actor", models.JSONField()),
                ("steps", models.JSONField()),
                ("step", models.PositiveIntegerField(default=0)),
                ("cursor", models.CharField(blank=True, default="", max_length=1100)),
                ("counts", models.JSONField(default=dict)),
                ("expected", models.JSONField(default=dict)),
                ("state", models.CharField(default="RUNNING", max_length=7)),
                ("failure", models.TextField(blank=True, default="")),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "retention_run",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["tenant_id", "-started_at"], name="retention_run_latest")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("tenant_id",),
                        name="retention_run_one_at_a_time",
                    )
                ],
            },
        ),
        IsolateTenant("RetentionPolicy"),
        IsolateTenant("RetentionRun"),
    ]
