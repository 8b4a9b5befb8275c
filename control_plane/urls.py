"""Every address of the instance; each app brings its own."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from control_plane import health, ui
from control_plane.kernel.api.addresses import IndexedRoutes

# Instance addresses stand before tenant ones, whose first segment is any tenant's id.
APPS_WITH_ADDRESSES = (
    "control_plane.kernel.api",
    "iam",
    "tenants",
    "audit",
    "workers",
    "flows",
    "triggers",
    "executions",
    "stores",
    "governance",
)


def _brought() -> list[URLPattern | URLResolver]:
    modules = [f"{app}.urls" if app.endswith(".api") else f"{app}.api.urls" for app in APPS_WITH_ADDRESSES]
    return [path("", include(module)) for module in modules if _exists(module)]


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


_routes: list[URLPattern | URLResolver] = [
    path("", ui.root),
    path("ui/", ui.index),
    path("ui/<path:path>", ui.index),
    path("health", health.readiness),
    path("health/liveness", health.liveness),
    path("health/readiness", health.readiness),
    path("prometheus", health.prometheus),
    *_brought(),
]
urlpatterns = [IndexedRoutes(_routes)]

handler400 = "control_plane.kernel.api.errors.malformed"
handler404 = "control_plane.kernel.api.errors.unknown_route"
handler500 = "control_plane.kernel.api.errors.broken"
