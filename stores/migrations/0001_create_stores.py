"""Secrets and key-value pairs, behind row-level security."""

from django.db import migrations, models

import control_plane.kernel.models
import control_plane.kernel.words.ids
from control_plane.kernel.isolation import IsolateTenant


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="KvEntry",
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
                ("key", models.CharField(max_length=255)),
                ("type", models.CharField(max_length=10)),
                ("value", models.JSONField()),
                ("description", models.TextField(blank=True, default="")),
                ("revision", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("expires_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "kv_entry",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("expires_at__isnull", False)), fields=["expires_at"], name="kv_entry_expiry"
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("tenant_id", "namespace", "key"), name="kv_entry_key")],
            },
        ),
        migrations.CreateModel(
            name="Secret",
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
                ("key", models.CharField(max_length=255)),
                ("description", models.TextField(blank=True, default="")),
                ("tags", models.JSONField(default=list)),
                ("sealed", models.TextField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "db_table": "secret",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("tenant_id", "namespace", "key"), name="secret_key")],
            },
        ),
        IsolateTenant("KvEntry"),
        IsolateTenant("Secret"),
    ]
