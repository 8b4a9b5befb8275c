"""Finds the file that has a content. Built beside running servers, and anew where it broke off."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

LEFTOVER = "DROP INDEX CONCURRENTLY IF EXISTS namespace_file_revision_blob"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("stores", "0005_wrap_secrets_by_tenant")]

    operations = [
        migrations.RunSQL(LEFTOVER, migrations.RunSQL.noop),
        AddIndexConcurrently(
            "NamespaceFileRevision", models.Index(fields=["tenant_id", "blob"], name="namespace_file_revision_blob")
        ),
    ]
