"""Who was refused what, and when."""

from django.db import migrations, models

import control_plane.kernel.models
import control_plane.kernel.words.ids
from control_plane.kernel.isolation import IsolateOwner


class Migration(migrations.Migration):
    dependencies = [
        ("iam", "0005_let_people_back_in"),
    ]

    operations = [
        migrations.CreateModel(
            name="Refusal",
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
                ("at", models.DateTimeField()),
                ("actor_kind", models.CharField(max_length=20)),
                ("actor_id", models.CharField(max_length=64)),
                ("actor_name", models.CharField(max_length=255)),
                ("method", models.CharField(max_length=10)),
                ("path", models.CharField(max_length=500)),
                ("asked", models.CharField(blank=True, default="", max_length=80)),
                ("namespace", models.CharField(max_length=150, null=True)),
                ("message", models.CharField(max_length=500)),
                ("request_id", models.CharField(max_length=64)),
            ],
            options={
                "db_table": "iam_refusal",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["tenant_id", "-at"], name="iam_refusal_latest"),
                    models.Index(fields=["tenant_id", "actor_id", "-at"], name="iam_refusal_actor"),
                ],
            },
        ),
        IsolateOwner("Refusal"),
    ]
