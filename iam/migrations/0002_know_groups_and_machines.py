"""Groups of people and machines, machines of the instance in tenants, and managed roles by their names."""

import django.db.models.deletion
from django.db import migrations, models

import control_plane.kernel.models
import control_plane.kernel.words.ids
from control_plane.kernel.isolation import IsolateTenant, ReferenceInstance

# The owner of a table is behind its wall too, since that is forced: it is not, for as long as this takes.
OPENED = "ALTER TABLE iam_role NO FORCE ROW LEVEL SECURITY; ALTER TABLE iam_binding NO FORCE ROW LEVEL SECURITY"
CLOSED = "ALTER TABLE iam_role FORCE ROW LEVEL SECURITY; ALTER TABLE iam_binding FORCE ROW LEVEL SECURITY"
NAME_MANAGED_ROLES = """
SET CONSTRAINTS ALL DEFERRED;
UPDATE iam_binding AS b SET role_id = lower(r.name) || '_' || r.tenant_id
FROM iam_role AS r WHERE r.id = b.role_id AND r.tenant_id = b.tenant_id AND r.is_managed;
UPDATE iam_role SET id = lower(name) || '_' || tenant_id WHERE is_managed;
SET CONSTRAINTS ALL IMMEDIATE;
"""
KEEP_ONE_OF_EACH_BINDING = """
DELETE FROM iam_binding AS b USING iam_binding AS first
WHERE (first.tenant_id, first.role_id) = (b.tenant_id, b.role_id)
    AND (first.user_id, first.group_id, first.service_account_id, first.namespace)
        IS NOT DISTINCT FROM (b.user_id, b.group_id, b.service_account_id, b.namespace)
    AND first.id < b.id;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("iam", "0001_know_who_may"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountAccess",
            fields=[
                (
                    "id",
                    control_plane.kernel.models.IdField(
                        default=control_plane.kernel.words.ids.new_id,
                        editable=False,
                        max_length=22,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant_id", models.CharField(editable=False, max_length=63)),
                ("name", models.CharField(max_length=255)),
                ("description", models.TextField(blank=True, default="")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "service_account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="iam.serviceaccount",
                    ),
                ),
            ],
            options={
                "db_table": "iam_account_access",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="groupmember",
            name="service_account",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="iam.serviceaccount",
            ),
        ),
        migrations.AddField(
            model_name="serviceaccount",
            name="is_disabled",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="groupmember",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="iam.user",
            ),
        ),
        migrations.AlterField(
            model_name="role",
            name="id",
            field=control_plane.kernel.models.IdField(
                default=control_plane.kernel.words.ids.new_id,
                editable=False,
                max_length=80,
                primary_key=True,
                serialize=False,
            ),
        ),
        migrations.RunSQL(OPENED, CLOSED),
        migrations.RunSQL(NAME_MANAGED_ROLES, migrations.RunSQL.noop),
        migrations.RunSQL(KEEP_ONE_OF_EACH_BINDING, migrations.RunSQL.noop),
        migrations.RunSQL(CLOSED, OPENED),
        migrations.AddIndex(
            model_name="binding",
            index=models.Index(fields=["tenant_id", "group"], name="iam_binding_group"),
        ),
        migrations.AddIndex(
            model_name="groupmember",
            index=models.Index(fields=["tenant_id", "user"], name="iam_group_member_user"),
        ),
        migrations.AddConstraint(
            model_name="binding",
            constraint=models.UniqueConstraint(
                fields=("tenant_id", "role", "user", "group", "service_account", "namespace"),
                name="iam_binding_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="groupmember",
            constraint=models.UniqueConstraint(
                fields=("tenant_id", "group", "service_account"), name="iam_group_account_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="groupmember",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("service_account__isnull", True), ("user__isnull", False)),
                    models.Q(("service_account__isnull", False), ("user__isnull", True)),
                    _connector="OR",
                ),
                name="iam_group_member_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceaccount",
            constraint=models.UniqueConstraint(fields=("tenant_id", "name"), name="iam_service_account_name"),
        ),
        migrations.AddConstraint(
            model_name="accountaccess",
            constraint=models.UniqueConstraint(fields=("tenant_id", "service_account"), name="iam_account_access_once"),
        ),
        IsolateTenant("AccountAccess"),
        ReferenceInstance("AccountAccess", "service_account"),
        ReferenceInstance("GroupMember", "service_account"),
    ]
