"""Finds entries by a text, and keeps those that share a term in one row. All of it is filled anew by the scheduler."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

from control_plane.kernel.isolation import IsolateOwner


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_find_by_who_did_it")]

    operations = [
        migrations.RunSQL("TRUNCATE audit_term", migrations.RunSQL.noop),
        migrations.AddField("AuditTerm", "seqs", ArrayField(models.BigIntegerField(), null=True)),
        migrations.CreateModel(
            name="AuditWord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "term", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("tenant_id", models.CharField(max_length=63)),
                ("term", models.BigIntegerField()),
                ("word", models.TextField()),
            ],
            options={"db_table": "audit_word"},
        ),
        IsolateOwner("AuditWord"),
    ]
