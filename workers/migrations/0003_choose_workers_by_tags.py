"""Queues that flows choose by tags, the groups that take their jobs, and how fast workers are."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now


def add_default_queue(apps: Any, editor: Any) -> None:
    apps.get_model("workers", "WorkerQueue").objects.get_or_create(id="default", defaults={"name": "Default"})
    apps.get_model("workers", "Subscription").objects.get_or_create(group_id="default", queue_id="default")


class Migration(migrations.Migration):
    dependencies = [("workers", "0002_name_groups")]

    operations = [
        migrations.CreateModel(
            name="WorkerQueue",
            fields=[
                ("id", models.CharField(max_length=63, primary_key=True, serialize=False)),
                ("name", models.CharField(blank=True, default="", max_length=255)),
                ("description", models.TextField(blank=True, default="")),
                ("tags", models.JSONField(default=list)),
                ("allowed_tenants", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True, db_default=Now())),
            ],
            options={"db_table": "worker_queue"},
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reserved_percent", models.PositiveSmallIntegerField(default=0)),
                ("mode", models.CharField(default="ELASTIC", max_length=7)),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="subscriptions",
                        to="workers.workergroup",
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subscriptions",
                        to="workers.workerqueue",
                    ),
                ),
            ],
            options={
                "db_table": "worker_subscription",
                "constraints": [models.UniqueConstraint(fields=("group", "queue"), name="worker_subscription_once")],
            },
        ),
        migrations.AddField("worker", "ended", models.BigIntegerField(default=0, db_default=0)),
        migrations.AddField("worker", "ended_rate", models.FloatField(default=0.0, db_default=0.0)),
        migrations.AlterField("job", "group_key", models.CharField(max_length=80)),
        migrations.AddField("job", "fallback", models.CharField(blank=True, default="", db_default="", max_length=6)),
        migrations.AddIndex(
            "job",
            models.Index(
                condition=models.Q(("phase", "queued"), models.Q(("fallback", ""), _negated=True)),
                fields=["group_key"],
                name="job_unserved",
            ),
        ),
        migrations.RunPython(add_default_queue, migrations.RunPython.noop),
    ]
