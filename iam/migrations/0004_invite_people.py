"""Invitations, and addresses that are a user's own word."""

from django.db import migrations, models

import control_plane.kernel.models
import control_plane.kernel.words.ids
from control_plane.kernel.isolation import IsolateTenant, OpenToService


class Migration(migrations.Migration):
    dependencies = [
        ("iam", "0003_limit_tokens_to_networks"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="is_address_claimed",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="Invitation",
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
                ("email", models.CharField(max_length=255)),
                ("digest", models.CharField(max_length=64)),
                ("sealed", models.TextField()),
                ("roles", models.JSONField(default=list)),
                ("groups", models.JSONField(default=list)),
                ("is_superadmin", models.BooleanField(default=False)),
                ("invited_by", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("sent_at", models.DateTimeField()),
                ("mail", models.CharField(blank=True, default="", max_length=10)),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "iam_invitation",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["digest"], name="iam_invitation_digest"),
                    models.Index(fields=["email"], name="iam_invitation_email"),
                ],
            },
        ),
        IsolateTenant("Invitation"),
        # Whoever opens a link has not chosen a tenant.
        OpenToService("Invitation"),
    ]
