"""The app that runs flows."""

from django.apps import AppConfig


class ExecutionsConfig(AppConfig):
    name = "executions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from executions.jobs.kinds import ExecutionJobs
        from executions.lifecycle import register as purge_with_tenants
        from executions.maintenance.outbox_folding import fold_outbox_events
        from executions.maintenance.raised_limits import follow_limit
        from executions.record.outbox import fold_with
        from flows.hooks import listen
        from workers.queue.kinds import register

        for kind in ("run", "evaluate"):
            register(kind, ExecutionJobs())
        fold_with(fold_outbox_events)
        listen(follow_limit)
        purge_with_tenants()
