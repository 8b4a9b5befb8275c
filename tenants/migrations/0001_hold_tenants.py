"""Tenants and namespaces."""

from django.db import migrations, models

import control_plane.kernel.models
import control_plane.kernel.words.ids
from control_plane.kernel.isolation import IsolateSelf, IsolateTenant, OpenToService


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Tenant",
            fields=[
                ("id", models.CharField(max_length=63, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=255)),
                ("settings", models.JSONField(blank=True, default=dict)),
                ("logo", models.TextField(null=True)),
                ("catalog_logo", models.TextField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "db_table": "tenant",
            },
        ),
        IsolateSelf("Tenant"),
        # Sweeps and "my tenants" look for tenants before one is known.
        OpenToService("Tenant"),
        migrations.CreateModel(
            name="Namespace",
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
                ("name", models.CharField(max_length=150)),
                ("description", models.TextField(blank=True, default="")),
                ("variables", models.JSONField(blank=True, default=dict)),
                ("settings", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "db_table": "namespace",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("tenant_id", "name"), name="namespace_name")],
            },
        ),
        IsolateTenant("Namespace"),
    ]
