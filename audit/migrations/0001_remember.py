"""The audit trail: only ever inserted into, and read."""

from django.db import migrations, models

import control_plane.kernel.models
import control_plane.kernel.words.ids
from control_plane.kernel.isolation import AppendOnly, IsolateOwner, OpenToService


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("tenant_id", models.CharField(max_length=63, primary_key=True, serialize=False)),
                ("seq", models.BigIntegerField()),
                ("previous", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={"db_table": "audit_head"},
        ),
        IsolateOwner("AuditHead"),
        migrations.CreateModel(
            name="AuditEntry",
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
                ("seq", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("actor_kind", models.CharField(max_length=20)),
                ("actor_id", models.CharField(max_length=64)),
                ("actor_name", models.CharField(max_length=255)),
                ("action", models.CharField(max_length=40)),
                ("resource", models.CharField(max_length=40)),
                ("object_id", models.CharField(max_length=300)),
                ("namespace", models.CharField(max_length=150, null=True)),
                ("is_refused", models.BooleanField(default=False)),
                ("request_id", models.CharField(max_length=64)),
                ("ip", models.GenericIPAddressField(null=True)),
                ("body", models.TextField()),
                ("previous", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "db_table": "audit_entry",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["tenant_id", "-at"], name="audit_entry_latest"),
                    models.Index(fields=["tenant_id", "resource", "object_id", "-seq"], name="audit_entry_object"),
                ],
                "constraints": [models.UniqueConstraint(fields=("tenant_id", "seq"), name="audit_entry_seq")],
            },
        ),
        IsolateOwner("AuditEntry"),
        AppendOnly("AuditEntry"),
        # A superadmin searches the trail of all tenants.
        OpenToService("AuditEntry"),
    ]
