"""Executions and everything they leave behind or still have to do."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

import control_plane.kernel.models
import control_plane.kernel.words.ids
from control_plane.kernel.isolation import IsolateTenant, OpenToService


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="BulkOperation",
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
                ("verb", models.CharField(max_length=30)),
                ("actor", models.JSONField(default=dict)),
                ("execution_ids", models.JSONField(default=list)),
                ("arguments", models.JSONField(default=dict)),
                ("total", models.PositiveIntegerField()),
                ("done", models.PositiveIntegerField(default=0)),
                ("failures", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "bulk_operation",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at__isnull", True)), fields=["created_at"], name="bulk_open"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ConcurrencySlot",
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
                ("number", models.PositiveIntegerField()),
                ("execution_id", models.CharField(max_length=22)),
            ],
            options={
                "db_table": "concurrency_slot",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_id", "namespace", "flow_id", "number"), name="slot_number"),
                    models.UniqueConstraint(fields=("tenant_id", "execution_id"), name="slot_of_execution"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DueEvent",
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
                ("kind", models.CharField(max_length=20)),
                ("execution_id", models.CharField(max_length=22)),
                ("key", models.CharField(max_length=300)),
                ("payload", models.JSONField(default=dict)),
                ("due_at", models.DateTimeField()),
            ],
            options={
                "db_table": "due_event",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["due_at"], name="due_event_due")],
                "constraints": [models.UniqueConstraint(fields=("tenant_id", "key"), name="due_event_once")],
            },
        ),
        migrations.CreateModel(
            name="Execution",
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
                ("flow_revision", models.PositiveIntegerField()),
                ("revision_id", models.CharField(max_length=22)),
                ("state", models.CharField(max_length=12)),
                ("history", models.JSONField()),
                ("labels", models.JSONField(default=dict)),
                ("inputs", models.JSONField(default=dict)),
                ("outputs", models.JSONField(null=True)),
                ("variables", models.JSONField(default=dict)),
                ("trigger", models.JSONField(null=True)),
                ("parent_id", models.CharField(max_length=22, null=True)),
                ("parent_task_run_id", models.CharField(max_length=22, null=True)),
                ("parent_iteration", models.PositiveIntegerField(null=True)),
                ("original_id", models.CharField(max_length=22, null=True)),
                ("kind", models.CharField(max_length=20, null=True)),
                ("breakpoints", models.JSONField(default=list)),
                ("schedule_date", models.DateTimeField(null=True)),
                ("attempt_number", models.PositiveIntegerField(default=1)),
                ("original_created_date", models.DateTimeField(null=True)),
                ("task_run_count", models.PositiveIntegerField(default=0)),
                ("frame", models.JSONField(default=dict)),
                ("start_date", models.DateTimeField()),
                ("end_date", models.DateTimeField(null=True)),
                ("updated_at", models.DateTimeField()),
                ("version", models.BigIntegerField(default=1)),
                ("log_seq", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "execution",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["tenant_id", "-start_date", "-id"], name="execution_latest"),
                    models.Index(
                        fields=["tenant_id", "namespace", "flow_id", "-start_date", "-id"], name="execution_of_flow"
                    ),
                    models.Index(fields=["tenant_id", "state", "-start_date", "-id"], name="execution_by_state"),
                    models.Index(
                        condition=models.Q(("parent_id__isnull", False)),
                        fields=["parent_id"],
                        name="execution_children",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["labels"], name="execution_labels", opclasses=["jsonb_path_ops"]
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LogEntry",
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
                ("execution_id", models.CharField(max_length=22)),
                ("seq", models.BigIntegerField()),
                ("namespace", models.CharField(max_length=150)),
                ("flow_id", models.CharField(max_length=100)),
                ("task_id", models.CharField(max_length=256, null=True)),
                ("task_run_id", models.CharField(max_length=22, null=True)),
                ("attempt", models.PositiveIntegerField(null=True)),
                ("at", models.DateTimeField()),
                ("level", models.CharField(max_length=5)),
                ("message", models.TextField()),
            ],
            options={
                "db_table": "log_entry",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["tenant_id", "-at"], name="log_entry_latest")],
                "constraints": [models.UniqueConstraint(fields=("execution_id", "seq"), name="log_entry_order")],
            },
        ),
        migrations.CreateModel(
            name="Metric",
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
                ("execution_id", models.CharField(max_length=22)),
                ("namespace", models.CharField(max_length=150)),
                ("flow_id", models.CharField(max_length=100)),
                ("task_id", models.CharField(max_length=256, null=True)),
                ("task_run_id", models.CharField(max_length=22, null=True)),
                ("at", models.DateTimeField()),
                ("type", models.CharField(max_length=7)),
                ("name", models.CharField(max_length=200)),
                ("value", models.FloatField()),
                ("tags", models.JSONField(default=dict)),
            ],
            options={
                "db_table": "metric",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["execution_id"], name="metric_of_execution"),
                    models.Index(fields=["tenant_id", "namespace", "flow_id", "name", "at"], name="metric_of_flow"),
                ],
            },
        ),
        migrations.CreateModel(
            name="TaskRun",
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
                ("execution_id", models.CharField(max_length=22)),
                ("task_id", models.CharField(max_length=256)),
                ("seq", models.PositiveIntegerField()),
                ("state", models.CharField(max_length=12)),
                ("history", models.JSONField()),
                ("parent_id", models.CharField(max_length=22, null=True)),
                ("value", models.TextField(null=True)),
                ("iteration", models.PositiveIntegerField(null=True)),
                ("lane", models.PositiveIntegerField(default=0)),
                ("position", models.PositiveIntegerField(default=0)),
                ("branch", models.CharField(max_length=100)),
                ("attempts", models.JSONField(default=list)),
                ("outputs", models.JSONField(null=True)),
                ("frame", models.JSONField(null=True)),
                ("items", models.JSONField(null=True)),
                ("waits_for", models.TextField(null=True)),
                (
                    "path",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
                ),
            ],
            options={
                "db_table": "task_run",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["execution_id", "task_id", "seq"], name="task_run_of_task"),
                    models.Index(
                        condition=models.Q(
                            (
                                "state__in",
                                (
                                    "SUCCESS",
                                    "WARNING",
                                    "FAILED",
                                    "KILLED",
                                    "CANCELLED",
                                    "RETRIED",
                                    "SKIPPED",
                                    "RESUBMITTED",
                                ),
                            ),
                            _negated=True,
                        ),
                        fields=["execution_id", "parent_id"],
                        name="task_run_unfinished",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("execution_id", "seq"), name="task_run_order")],
            },
        ),
        migrations.CreateModel(
            name="Timer",
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
                ("execution_id", models.CharField(max_length=22)),
                ("key", models.CharField(max_length=300)),
                ("due_at", models.DateTimeField()),
            ],
            options={
                "db_table": "timer",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["due_at"], name="timer_due")],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_id", "execution_id", "key"), name="timer_once")
                ],
            },
        ),
        IsolateTenant("Execution"),
        IsolateTenant("TaskRun"),
        IsolateTenant("Timer"),
        IsolateTenant("DueEvent"),
        IsolateTenant("ConcurrencySlot"),
        IsolateTenant("LogEntry"),
        IsolateTenant("Metric"),
        IsolateTenant("BulkOperation"),
        # The scheduler looks for what is due in all tenants.
        OpenToService("Timer"),
        OpenToService("DueEvent"),
        OpenToService("BulkOperation"),
        # Rows of an outbox come and go: dead ones must not slow the look for what is due.
        migrations.RunSQL(
            "ALTER TABLE timer SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);"
            "ALTER TABLE due_event SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);"
            "ALTER TABLE execution SET (fillfactor = 70);"
            "ALTER TABLE task_run SET (fillfactor = 70)",
            migrations.RunSQL.noop,
        ),
    ]
