"""The app of what starts executions by itself."""

from django.apps import AppConfig


class TriggersConfig(AppConfig):
    name = "triggers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from executions.hooks import state_written
        from executions.jobs.acts import serve
        from flows.hooks import listen
        from triggers.jobs.acts import toggle
        from triggers.jobs.kinds import TriggerJobs
        from triggers.lifecycle import register
        from triggers.looking.rows import KINDS
        from triggers.record.changes import tell_of_change
        from triggers.record.ends import tell_of_end
        from triggers.record.rows import follow_flow
        from workers.queue.kinds import register as handle

        listen(follow_flow)
        state_written.listen(tell_of_end)
        state_written.listen(tell_of_change)
        serve("triggers", "toggle", toggle)
        for kind in KINDS:
            handle(kind, TriggerJobs())
        register()
