"""What people call a worker group, and what they note at its tokens."""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("workers", "0001_open_the_queue")]

    operations = [
        migrations.AddField("workergroup", "name", models.CharField(max_length=255, blank=True, default="")),
        migrations.AddField("workergroup", "updated_at", models.DateTimeField(auto_now=True, db_default=Now())),
        migrations.AddField("workergrouptoken", "description", models.TextField(blank=True, default="")),
    ]
