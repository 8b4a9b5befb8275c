"""The app of the audit trail."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit.background import figures
        from audit.recording.requests import tell_export
        from control_plane.kernel.api.dispatch import tell_exports_with

        figures.register()
        tell_exports_with(tell_export)
