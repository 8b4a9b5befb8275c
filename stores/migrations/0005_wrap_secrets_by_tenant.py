"""Keys of tenants, behind row-level security, and versions of secrets, to which values are bound from now on."""

from django.db import migrations, models

import control_plane.kernel.models
import control_plane.kernel.words.ids
from control_plane.kernel.isolation import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [
        ("stores", "0004_keep_credentials"),
    ]

    operations = [
        migrations.AddField(
            model_name="secret",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.CreateModel(
            name="TenantKey",
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
                ("number", models.PositiveIntegerField()),
                ("sealed", models.TextField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "db_table": "tenant_key",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("tenant_id", "number"), name="tenant_key_number")],
            },
        ),
        IsolateTenant("TenantKey"),
    ]
