"""Finds entries by who did it, in the order of the chain. Built beside running servers, and anew where it broke off."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

LEFTOVER = "DROP INDEX CONCURRENTLY IF EXISTS audit_entry_actor"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("audit", "0004_find_by_what_is_told")]

    operations = [
        migrations.RunSQL(LEFTOVER, migrations.RunSQL.noop),
        AddIndexConcurrently(
            "AuditEntry", models.Index(fields=["tenant_id", "actor_id", "seq", "at"], name="audit_entry_actor")
        ),
    ]
