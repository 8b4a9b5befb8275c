"""Finds the oldest figures. Built beside running servers, and anew where it broke off."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

LEFTOVER = "DROP INDEX CONCURRENTLY IF EXISTS metric_oldest"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("executions", "0006_count_by_namespace")]

    operations = [
        migrations.RunSQL(LEFTOVER, migrations.RunSQL.noop),
        AddIndexConcurrently("Metric", models.Index(fields=["tenant_id", "at"], name="metric_oldest")),
    ]
