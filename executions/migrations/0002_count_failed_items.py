"""Acts on many executions count what failed, beyond the reasons that are kept."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("executions", "0001_run_flows")]

    operations = [
        migrations.AddField(
            model_name="bulkoperation",
            name="failed",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
