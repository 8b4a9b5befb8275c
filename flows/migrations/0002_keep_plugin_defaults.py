"""A revision keeps the plugin defaults it was saved under."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("flows", "0001_create_flows")]

    operations = [
        migrations.AddField(
            model_name="flowrevision",
            name="plugin_defaults",
            field=models.JSONField(default=list),
        ),
    ]
