from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("triggers", "0002_hear_of_executions"),
    ]

    operations = [
        migrations.AddField(
            model_name="trigger",
            name="evaluation_id",
            field=models.CharField(max_length=22, null=True),
        ),
        migrations.AddField(
            model_name="trigger",
            name="failures",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="trigger",
            name="said",
            field=models.JSONField(default=list),
        ),
        migrations.AddIndex(
            model_name="trigger",
            index=models.Index(
                condition=models.Q(("evaluation_id__isnull", False)),
                fields=["evaluation_id"],
                name="trigger_evaluating",
            ),
        ),
    ]
