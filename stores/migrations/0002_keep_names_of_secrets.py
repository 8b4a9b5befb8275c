"""The key of a secret as it was given, beside the one that it is looked up by."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stores", "0001_create_stores")]

    operations = [
        migrations.AddField("secret", "name", models.CharField(max_length=255, default="", db_default="")),
    ]
