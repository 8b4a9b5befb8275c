"""Files of namespaces with all their revisions, behind row-level security; their contents lie in the storage."""

import django.db.models.deletion
from django.db import migrations, models

import control_plane.kernel.models
import control_plane.kernel.words.ids
from control_plane.kernel.isolation import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [
        ("stores", "0002_keep_names_of_secrets"),
    ]

    operations = [
        migrations.CreateModel(
            name="NamespaceFile",
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
                ("path", models.CharField(max_length=1000)),
                ("folder", models.CharField(max_length=1000)),
                ("is_folder", models.BooleanField(default=False)),
                ("revision", models.PositiveIntegerField(default=0)),
                ("size", models.BigIntegerField(default=0)),
                ("blob", control_plane.kernel.models.IdField(default="", max_length=22)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "db_table": "namespace_file",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["tenant_id", "namespace", "folder"], name="namespace_file_folder")],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_id", "namespace", "path"), name="namespace_file_path")
                ],
            },
        ),
        migrations.CreateModel(
            name="NamespaceFileRevision",
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
                ("revision", models.PositiveIntegerField()),
                ("size", models.BigIntegerField()),
                (
                    "blob",
                    control_plane.kernel.models.IdField(default=control_plane.kernel.words.ids.new_id, max_length=22),
                ),
                ("author", models.CharField(blank=True, default="", max_length=150)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "file",
                    control_plane.kernel.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="revisions",
                        to="stores.namespacefile",
                    ),
                ),
            ],
            options={
                "db_table": "namespace_file_revision",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant_id", "file", "revision"), name="namespace_file_revision_number"
                    )
                ],
            },
        ),
        IsolateTenant("NamespaceFile"),
        IsolateTenant("NamespaceFileRevision"),
    ]
