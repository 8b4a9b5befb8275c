from django.db import migrations, models


class Migration(migrations.Migration):
    """Nothing that changes while an execution runs stands in the index, so that its row is still updated in place."""

    dependencies = [("executions", "0004_add_turns")]

    operations = [
        migrations.AddIndex(
            model_name="execution",
            index=models.Index(
                fields=["tenant_id", "id"], name="execution_open", condition=models.Q(end_date__isnull=True)
            ),
        ),
    ]
