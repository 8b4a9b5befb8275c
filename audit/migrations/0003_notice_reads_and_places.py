"""What jobs have read, to be told in batches, and where credentials were used first."""

from typing import Any

from django.db import migrations, models

import control_plane.kernel.models
import control_plane.kernel.words.ids
from control_plane.kernel.isolation import IsolateOwner, OpenToService


def owned() -> list[tuple[str, models.Field[Any, Any]]]:
    return [
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
    ]


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_prove")]

    operations = [
        migrations.CreateModel(
            name="AuditPlace",
            fields=[
                *owned(),
                ("credential", models.CharField(max_length=64)),
                ("network", models.CharField(max_length=50)),
            ],
            options={
                "db_table": "audit_place",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_id", "credential", "network"), name="audit_place_once")
                ],
            },
        ),
        IsolateOwner("AuditPlace"),
        migrations.CreateModel(
            name="AuditRead",
            fields=[
                *owned(),
                ("resource", models.CharField(max_length=40)),
                ("object_id", models.CharField(max_length=300)),
                ("namespace", models.CharField(max_length=150)),
                ("reader", models.CharField(max_length=255)),
                ("execution_id", models.CharField(max_length=64)),
                ("count", models.IntegerField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "db_table": "audit_read",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant_id", "resource", "object_id", "namespace", "reader", "execution_id"),
                        name="audit_read_once",
                    )
                ],
            },
        ),
        IsolateOwner("AuditRead"),
        # Whose reads wait for their entry is looked for in all tenants at once.
        OpenToService("AuditRead"),
    ]
