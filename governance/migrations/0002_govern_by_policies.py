"""Policies of the instance, and those of tenants and namespaces."""

from typing import Any

from django.db import migrations, models
from django.db.models.functions import Now

import control_plane.kernel.models
import control_plane.kernel.words.ids
from control_plane.kernel.isolation import IsolateTenant

ID = control_plane.kernel.models.IdField(
    default=control_plane.kernel.words.ids.new_id, editable=False, max_length=22, primary_key=True, serialize=False
)


def fields() -> list[tuple[str, models.Field[Any, Any]]]:
    return [
        ("key", models.CharField(max_length=63)),
        ("display_name", models.CharField(blank=True, default="", max_length=255)),
        ("description", models.TextField(blank=True, default="")),
        ("enforcement", models.CharField(default="ACTIVE", max_length=9)),
        ("target", models.JSONField(default=dict)),
        ("rules", models.JSONField(default=list)),
        ("source", models.TextField(blank=True, default="")),
        ("created_at", models.DateTimeField(auto_now_add=True)),
        ("updated_at", models.DateTimeField(auto_now=True, db_default=Now())),
    ]


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_lay_over_everything")]

    operations = [
        migrations.CreateModel(
            name="InstancePolicy",
            fields=[*fields(), ("id", ID.clone())],
            options={
                "db_table": "instance_policy",
                "constraints": [models.UniqueConstraint(fields=("key",), name="instance_policy_key")],
            },
        ),
        migrations.CreateModel(
            name="Policy",
            fields=[
                *fields(),
                ("id", ID.clone()),
                ("tenant_id", models.CharField(editable=False, max_length=63)),
                ("namespace", models.CharField(blank=True, default="", max_length=150)),
            ],
            options={
                "db_table": "policy",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("tenant_id", "namespace", "key"), name="policy_key")],
            },
        ),
        IsolateTenant("Policy"),
    ]
