from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workers", "0003_choose_workers_by_tags"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("kind__in", ("trigger", "listen"))), fields=["subject_id"], name="job_of_trigger"
            ),
        ),
    ]
