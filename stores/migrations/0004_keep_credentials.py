"""Credentials, and the tokens that are had with them: those in a table that the write-ahead log does not hold."""

import django.db.models.deletion
from django.db import migrations, models

import control_plane.kernel.models
import control_plane.kernel.words.ids
from control_plane.kernel.isolation import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [
        ("stores", "0003_keep_files_of_namespaces"),
    ]

    operations = [
        migrations.CreateModel(
            name="Credential",
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
                ("namespace", models.CharField(blank=True, default="", max_length=150)),
                ("name", models.CharField(max_length=255)),
                ("type", models.CharField(max_length=20)),
                ("description", models.TextField(blank=True, default="")),
                ("settings", models.JSONField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "db_table": "credential",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_id", "namespace", "name"), name="credential_name")
                ],
            },
        ),
        migrations.CreateModel(
            name="CredentialToken",
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
                ("version", models.PositiveIntegerField()),
                ("sealed", models.TextField(default="")),
                ("refresh_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("minter", control_plane.kernel.models.IdField(default="", max_length=22)),
                ("minting_until", models.DateTimeField(null=True)),
                ("failure", models.TextField(default="")),
                ("failures", models.PositiveIntegerField(default=0)),
                ("failed_until", models.DateTimeField(null=True)),
                ("is_final", models.BooleanField(default=False)),
                (
                    "credential",
                    control_plane.kernel.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tokens",
                        to="stores.credential",
                    ),
                ),
            ],
            options={
                "db_table": "credential_token",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_id", "credential"), name="credential_token_of_credential")
                ],
            },
        ),
        migrations.RunSQL("ALTER TABLE credential_token SET UNLOGGED", "ALTER TABLE credential_token SET LOGGED"),
        IsolateTenant("Credential"),
        IsolateTenant("CredentialToken"),
    ]
