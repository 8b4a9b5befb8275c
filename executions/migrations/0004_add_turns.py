from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("executions", "0003_call_the_outbox_so")]

    operations = [
        migrations.AddField(model_name="execution", name="loop_run", field=models.JSONField(null=True)),
    ]
