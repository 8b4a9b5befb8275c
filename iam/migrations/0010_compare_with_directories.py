"""Who has left a directory, and the comparisons that find it out."""

from django.db import migrations, models

import control_plane.kernel.models
import control_plane.kernel.words.ids
from control_plane.kernel.isolation import IsolateOwner


class Migration(migrations.Migration):
    dependencies = [
        ("iam", "0009_meet_scim_clients"),
    ]

    operations = [
        migrations.AddField(
            model_name="externalidentity",
            name="left_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="externalidentity",
            name="has_closed",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="DirectorySync",
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
                ("tenant_id", models.CharField(blank=True, default="", editable=False, max_length=63)),
                ("provider_id", models.CharField(max_length=22)),
                ("is_dry_run", models.BooleanField(default=False)),
                ("is_forced", models.BooleanField(default=False)),
                ("state", models.CharField(default="QUEUED", max_length=10)),
                ("asked_by", models.CharField(blank=True, default="", max_length=255)),
                ("asked_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("counts", models.JSONField(default=dict)),
                ("diff", models.JSONField(default=dict)),
                ("problem", models.TextField(blank=True, default="")),
            ],
            options={
                "db_table": "iam_directory_sync",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["tenant_id", "provider_id", "-asked_at"], name="iam_directory_sync_latest")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("QUEUED", "RUNNING"))),
                        fields=("tenant_id", "provider_id"),
                        name="iam_directory_sync_one",
                    )
                ],
            },
        ),
        IsolateOwner("DirectorySync"),
    ]
