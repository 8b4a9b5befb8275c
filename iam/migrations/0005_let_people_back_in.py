"""Failures counted by place, new passwords by mail, preferences, and sessions that act as somebody else."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

import control_plane.kernel.models
import control_plane.kernel.words.ids


def identity() -> tuple[str, models.Field[Any, Any]]:
    return (
        "id",
        control_plane.kernel.models.IdField(
            default=control_plane.kernel.words.ids.new_id,
            editable=False,
            max_length=22,
            primary_key=True,
            serialize=False,
        ),
    )


def owner(related_name: str) -> tuple[str, models.Field[Any, Any]]:
    reference = models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name=related_name, to="iam.user")
    return ("user", reference)


class Migration(migrations.Migration):
    dependencies = [
        ("iam", "0004_invite_people"),
    ]

    operations = [
        # What was counted before is worth half an hour: it is counted anew.
        migrations.DeleteModel(name="LoginFailures"),
        migrations.CreateModel(
            name="LoginFailures",
            fields=[
                identity(),
                ("email", models.CharField(max_length=255)),
                ("place", models.CharField(blank=True, default="", max_length=64)),
                ("count", models.PositiveIntegerField()),
                ("since", models.DateTimeField()),
                ("locked_until", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "iam_login_failures",
                "constraints": [models.UniqueConstraint(fields=("email", "place"), name="iam_login_failures_once")],
            },
        ),
        migrations.CreateModel(
            name="KnownPlace",
            fields=[
                identity(),
                ("network", models.CharField(max_length=64)),
                ("seen_at", models.DateTimeField()),
                owner("places"),
            ],
            options={
                "db_table": "iam_known_place",
                "constraints": [models.UniqueConstraint(fields=("user", "network"), name="iam_known_place_once")],
            },
        ),
        migrations.CreateModel(
            name="PasswordReset",
            fields=[
                identity(),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                owner("resets"),
            ],
            options={"db_table": "iam_password_reset"},
        ),
        migrations.CreateModel(
            name="ResetRequests",
            fields=[
                ("email", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField()),
                ("since", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
            ],
            options={"db_table": "iam_reset_requests"},
        ),
        migrations.AddField(
            model_name="user",
            name="preferences",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="session",
            name="acting_as",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="iam.user",
            ),
        ),
    ]
