"""Announcements, kill switches, the maintenance of the instance, and what people are told."""

import django.db.models.functions.datetime
from django.db import migrations, models

import control_plane.kernel.models
import control_plane.kernel.words.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Announcement",
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
                ("message", models.TextField()),
                ("type", models.CharField(default="INFO", max_length=7)),
                ("start_date", models.DateTimeField(null=True)),
                ("end_date", models.DateTimeField(null=True)),
                ("only_for", models.CharField(max_length=63, null=True)),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "db_table": "announcement",
            },
        ),
        migrations.CreateModel(
            name="KillSwitch",
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
                ("name", models.CharField(max_length=250)),
                ("description", models.TextField(blank=True, default="")),
                ("evaluation", models.CharField(max_length=6)),
                ("for_tenant", models.CharField(blank=True, default="", max_length=63)),
                ("namespace", models.CharField(blank=True, default="", max_length=150)),
                ("flow_id", models.CharField(blank=True, default="", max_length=100)),
                ("execution_ids", models.JSONField(default=list)),
                ("start_date", models.DateTimeField()),
                ("end_date", models.DateTimeField(null=True)),
                ("is_enabled", models.BooleanField(default=True)),
                ("is_deleted", models.BooleanField(default=False)),
                ("is_lifted", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "updated_at",
                    models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "db_table": "kill_switch",
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_deleted", False)), fields=["start_date"], name="kill_switch_open"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Maintenance",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("entered_at", models.DateTimeField()),
                ("entered_by", models.CharField(max_length=255)),
            ],
            options={
                "db_table": "maintenance",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="maintenance_is_one")],
            },
        ),
        migrations.CreateModel(
            name="Notification",
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
                ("user_id", models.CharField(max_length=22)),
                ("about_tenant", models.CharField(max_length=63, null=True)),
                ("title", models.TextField()),
                ("reference", models.CharField(max_length=300, null=True)),
                ("current", models.PositiveIntegerField(null=True)),
                ("total", models.PositiveIntegerField(null=True)),
                ("is_read", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "db_table": "notification",
                "indexes": [
                    models.Index(fields=["user_id", "-updated_at", "-id"], name="notification_latest"),
                    models.Index(
                        condition=models.Q(("is_read", False)), fields=["user_id"], name="notification_unread"
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("user_id", "reference"), name="notification_once")],
            },
        ),
    ]
