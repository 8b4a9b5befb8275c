"""Directories outside, whom they mean, and what they alone may change."""

import django.db.models.deletion
from django.db import migrations, models

import control_plane.kernel.models
import control_plane.kernel.words.ids
from control_plane.kernel.isolation import IsolateOwner, OpenToService


class Migration(migrations.Migration):
    dependencies = [
        ("iam", "0006_remember_refusals"),
    ]

    operations = [
        migrations.CreateModel(
            name="ExternalIdentity",
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
                ("provider_id", models.CharField(max_length=22)),
                ("issuer", models.CharField(max_length=500)),
                ("subject", models.CharField(max_length=255)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("seen_at", models.DateTimeField()),
                ("trace", models.JSONField(default=dict)),
            ],
            options={
                "db_table": "iam_external_identity",
            },
        ),
        migrations.CreateModel(
            name="IdentityProvider",
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
                ("name", models.CharField(max_length=63)),
                ("title", models.CharField(max_length=255)),
                ("kind", models.CharField(max_length=10)),
                ("preset", models.CharField(blank=True, default="generic", max_length=20)),
                ("is_enabled", models.BooleanField(default=True)),
                ("settings", models.JSONField(default=dict)),
                ("sealed", models.TextField(blank=True, default="")),
                ("rules", models.JSONField(default=list)),
                ("domains", models.JSONField(default=list)),
                ("found", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("synced_at", models.DateTimeField(null=True)),
                ("last_sync", models.JSONField(default=dict)),
            ],
            options={
                "db_table": "iam_identity_provider",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        IsolateOwner("IdentityProvider"),
        # A sign-in begins before a tenant is known: the address of who comes says where they are led.
        OpenToService("IdentityProvider"),
        migrations.CreateModel(
            name="UsedOnce",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("expires_at", models.DateTimeField()),
            ],
            options={
                "db_table": "iam_used_once",
            },
        ),
        migrations.AddField(
            model_name="groupmember",
            name="managed_by",
            field=models.CharField(blank=True, default="", max_length=22),
        ),
        migrations.AddField(
            model_name="session",
            name="home",
            field=models.CharField(blank=True, default="", max_length=63),
        ),
        migrations.AddField(
            model_name="session",
            name="provider_id",
            field=models.CharField(blank=True, default="", max_length=22),
        ),
        migrations.AddField(
            model_name="session",
            name="provider_session",
            field=models.CharField(blank=True, default="", max_length=255),
        ),
        migrations.AddField(
            model_name="session",
            name="sealed_hint",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddField(
            model_name="session",
            name="subject",
            field=models.CharField(blank=True, default="", max_length=255),
        ),
        migrations.AddField(
            model_name="user",
            name="home",
            field=models.CharField(blank=True, default="", max_length=63),
        ),
        migrations.AlterField(
            model_name="user",
            name="email",
            field=models.CharField(max_length=255),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(
                condition=models.Q(("provider_id", ""), _negated=True),
                fields=["provider_id", "subject"],
                name="iam_session_provider",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(fields=("home", "email"), name="iam_user_address"),
        ),
        migrations.AddField(
            model_name="externalidentity",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="identities", to="iam.user"
            ),
        ),
        migrations.AddConstraint(
            model_name="identityprovider",
            constraint=models.UniqueConstraint(fields=("tenant_id", "name"), name="iam_identity_provider_name"),
        ),
        migrations.AddIndex(
            model_name="usedonce",
            index=models.Index(fields=["expires_at"], name="iam_used_once_end"),
        ),
        migrations.AddConstraint(
            model_name="externalidentity",
            constraint=models.UniqueConstraint(
                fields=("provider_id", "issuer", "subject"), name="iam_external_identity_once"
            ),
        ),
    ]
