"""Finds entries by what they tell. The scheduler fills it, also with what is there already."""

from django.db import migrations, models

from control_plane.kernel.isolation import IsolateOwner

# Terms come in the order of the chain: those of purged entries are found by where they lie.
PLACES = "CREATE INDEX audit_term_places ON audit_term USING brin (seq) WITH (pages_per_range = 16)"


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_notice_reads_and_places")]

    operations = [
        migrations.CreateModel(
            name="AuditTerm",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "term", "seq", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("tenant_id", models.CharField(max_length=63)),
                ("term", models.BigIntegerField()),
                ("seq", models.BigIntegerField()),
            ],
            options={"db_table": "audit_term"},
        ),
        IsolateOwner("AuditTerm"),
        migrations.RunSQL(PLACES, "DROP INDEX audit_term_places"),
    ]
