"""Where a token may be used from; and a superadmin finds the accounts of all tenants."""

from django.db import migrations, models

from control_plane.kernel.isolation import OpenToService


class Migration(migrations.Migration):
    dependencies = [
        ("iam", "0002_know_groups_and_machines"),
    ]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="networks",
            field=models.JSONField(blank=True, default=list),
        ),
        # A superadmin names an account without its tenant, and one of the instance enters several.
        OpenToService("ServiceAccount"),
        OpenToService("AccountAccess"),
    ]
