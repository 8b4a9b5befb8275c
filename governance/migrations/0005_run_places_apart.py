"""Lets a run of a namespace be open beside one of its tenant."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("governance", "0004_delete_what_grows_old")]

    operations = [
        migrations.RemoveConstraint(model_name="retentionrun", name="retention_run_one_at_a_time"),
        migrations.AddConstraint(
            model_name="retentionrun",
            constraint=models.UniqueConstraint(
                fields=("tenant_id", "namespace"),
                condition=models.Q(("ended_at__isnull", True)),
                name="retention_run_of_a_place",
            ),
        ),
    ]
