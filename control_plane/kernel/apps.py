"""The kernel as Django knows it."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "control_plane.kernel"

    def ready(self) -> None:
        from control_plane.kernel import checks  # noqa: F401  (what it registers is all that is wanted)
