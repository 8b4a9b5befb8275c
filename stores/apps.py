"""The app of what flows read and write."""

from django.apps import AppConfig


class StoresConfig(AppConfig):
    name = "stores"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from stores.lifecycle import register

        register()
