"""What proves a trail: keys, anchors, tombstones; and how far it was shipped."""

from django.db import migrations, models

import control_plane.kernel.models
import control_plane.kernel.words.ids
from control_plane.kernel.isolation import AppendOnly, IsolateOwner, OpenToService

OWNED = (
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
    ("tenant_id", models.CharField(blank=True, default="", editable=False, max_length=63)),
)
# Whoever deletes an entry must have left a tombstone for it in the same transaction.
GUARD = """
CREATE FUNCTION audit_entry_needs_tombstone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.seq > COALESCE(
        (SELECT last FROM audit_tombstone WHERE tenant_id = OLD.tenant_id AND first <= OLD.seq
            ORDER BY first DESC LIMIT 1), 0)
    THEN
        RAISE EXCEPTION 'entry % of the audit trail has no tombstone', OLD.seq USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER needs_tombstone BEFORE DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_needs_tombstone();
GRANT DELETE ON audit_entry TO orrery_service;
"""
NO_GUARD = """
REVOKE DELETE ON audit_entry FROM orrery_service;
DROP TRIGGER needs_tombstone ON audit_entry;
DROP FUNCTION audit_entry_needs_tombstone();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_remember")]

    operations = [
        migrations.CreateModel(
            name="AuditKey",
            fields=[
                ("id", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("number", models.IntegerField(unique=True)),
                ("document", models.TextField()),
                ("sealed", models.TextField()),
                ("created_at", models.DateTimeField()),
            ],
            options={"db_table": "audit_key"},
        ),
        AppendOnly("AuditKey"),
        migrations.CreateModel(
            name="AuditAnchor",
            fields=[
                *OWNED,
                ("number", models.BigIntegerField()),
                ("seq", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("document", models.TextField()),
                ("is_outside", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "audit_anchor",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("tenant_id", "number"), name="audit_anchor_number")],
            },
        ),
        IsolateOwner("AuditAnchor"),
        migrations.CreateModel(
            name="AuditTombstone",
            fields=[
                *OWNED,
                ("first", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("document", models.TextField()),
            ],
            options={
                "db_table": "audit_tombstone",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("tenant_id", "first"), name="audit_tombstone_first")],
            },
        ),
        IsolateOwner("AuditTombstone"),
        AppendOnly("AuditTombstone"),
        migrations.CreateModel(
            name="AuditCursor",
            fields=[
                *OWNED,
                ("destination", models.CharField(max_length=200)),
                ("seq", models.BigIntegerField(default=0)),
                ("moved_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, default="", max_length=500)),
            ],
            options={
                "db_table": "audit_cursor",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_id", "destination"), name="audit_cursor_destination")
                ],
            },
        ),
        IsolateOwner("AuditCursor"),
        # Which heads have moved since they were signed or shipped is looked for in all tenants at once.
        OpenToService("AuditHead"),
        OpenToService("AuditAnchor"),
        OpenToService("AuditCursor"),
        # The trigger asks for it when entries go.
        OpenToService("AuditTombstone"),
        migrations.RunSQL(GUARD, NO_GUARD),
    ]
