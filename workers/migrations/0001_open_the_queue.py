"""The fleet and its queue, with the group that every instance has."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

import control_plane.kernel.models
import control_plane.kernel.words.ids
from control_plane.kernel.isolation import IsolateTenant, OpenToService


def add_default_group(apps: Any, editor: Any) -> None:
    apps.get_model("workers", "WorkerGroup").objects.get_or_create(key="default")


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="WorkerGroup",
            fields=[
                ("key", models.CharField(max_length=63, primary_key=True, serialize=False)),
                ("description", models.TextField(blank=True, default="")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "db_table": "worker_group",
            },
        ),
        migrations.CreateModel(
            name="Job",
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
                ("group_key", models.CharField(max_length=63)),
                ("kind", models.CharField(max_length=10)),
                ("subject_id", models.CharField(max_length=22)),
                ("part_id", models.CharField(blank=True, default="", max_length=22)),
                ("attempt", models.PositiveIntegerField(default=1)),
                ("key", models.CharField(blank=True, default="", max_length=300)),
                ("payload", models.JSONField(default=dict)),
                ("phase", models.CharField(default="queued", max_length=7)),
                ("due_at", models.DateTimeField()),
                ("offered_at", models.DateTimeField()),
                ("offers", models.PositiveIntegerField(default=1)),
                ("worker_id", models.CharField(blank=True, default="", max_length=22)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("claim_request", models.CharField(blank=True, default="", max_length=64)),
                ("last_report", models.CharField(blank=True, default="", max_length=64)),
                ("kill_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "job",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("phase", "queued")),
                        fields=["group_key", "tenant_id", "due_at"],
                        name="job_queue",
                    ),
                    models.Index(
                        condition=models.Q(("phase", "queued"), _negated=True),
                        fields=["lease_until"],
                        name="job_leases",
                    ),
                    models.Index(
                        condition=models.Q(("phase", "queued"), _negated=True),
                        fields=["worker_id", "claim_request"],
                        name="job_of_worker",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant_id", "subject_id", "part_id", "attempt", "key"), name="job_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkerGroupToken",
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
                ("name", models.CharField(max_length=100)),
                ("prefix", models.CharField(max_length=16)),
                ("hash", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tokens", to="workers.workergroup"
                    ),
                ),
            ],
            options={
                "db_table": "worker_group_token",
            },
        ),
        migrations.CreateModel(
            name="Worker",
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
                ("name", models.CharField(max_length=255)),
                ("host", models.CharField(max_length=255)),
                ("pid", models.BigIntegerField()),
                ("version", models.CharField(max_length=64)),
                ("slots", models.PositiveIntegerField()),
                ("started_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("left_at", models.DateTimeField(null=True)),
                ("is_draining", models.BooleanField(default=False)),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="workers", to="workers.workergroup"
                    ),
                ),
                (
                    "token",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="workers",
                        to="workers.workergrouptoken",
                    ),
                ),
            ],
            options={
                "db_table": "worker",
                "indexes": [models.Index(fields=["group", "-seen_at"], name="worker_of_group")],
            },
        ),
        IsolateTenant("Job"),
        # A worker takes the fair-next job of all tenants, keeps its leases and loses them.
        OpenToService("Job", "SELECT, INSERT, UPDATE, DELETE"),
        # Rows come and go by the thousand; pages that fill with dead ones would slow every claim.
        migrations.RunSQL(
            "ALTER TABLE job SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, "
            "autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000)",
            migrations.RunSQL.noop,
        ),
        migrations.RunPython(add_default_group, migrations.RunPython.noop),
    ]
