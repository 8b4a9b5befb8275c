"""Groups and access that follow a directory, and access that it has suspended."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("iam", "0007_tell_whose_directory_a_user_is_of"),
    ]

    operations = [
        *(
            migrations.AddField(
                model_name=name,
                name="managed_by",
                field=models.CharField(blank=True, default="", max_length=22),
            )
            for name in ("group", "tenantaccess")
        ),
        migrations.AddField(
            model_name="tenantaccess",
            name="is_suspended",
            field=models.BooleanField(default=False),
        ),
    ]
