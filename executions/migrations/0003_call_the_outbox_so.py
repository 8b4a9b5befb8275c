"""The table of events between executions takes the name of the pattern: an outbox."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("executions", "0002_count_failed_items")]

    operations = [
        migrations.RenameModel("DueEvent", "OutboxEvent"),
        migrations.AlterModelTable("OutboxEvent", "outbox_event"),
        migrations.RenameIndex("OutboxEvent", new_name="outbox_event_due", old_name="due_event_due"),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE outbox_event RENAME CONSTRAINT due_event_once TO outbox_event_once",
                    "ALTER TABLE outbox_event RENAME CONSTRAINT outbox_event_once TO due_event_once",
                )
            ],
            state_operations=[
                migrations.RemoveConstraint("OutboxEvent", "due_event_once"),
                migrations.AddConstraint(
                    "OutboxEvent",
                    models.UniqueConstraint(fields=("tenant_id", "key"), name="outbox_event_once"),
                ),
            ],
        ),
    ]
