"""Counts of quotas."""

from django.db import migrations, models

import control_plane.kernel.models
import control_plane.kernel.words.ids
from control_plane.kernel.isolation import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [("governance", "0002_govern_by_policies")]

    operations = [
        migrations.CreateModel(
            name="QuotaCount",
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
                ("flow_id", models.CharField(blank=True, default="", max_length=100)),
                ("key", models.CharField(max_length=100)),
                ("start", models.DateTimeField()),
                ("count", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "quota_count",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant_id", "namespace", "flow_id", "key"), name="quota_count_place"
                    )
                ],
            },
        ),
        IsolateTenant("QuotaCount"),
    ]
