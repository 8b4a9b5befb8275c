"""What a running job may ask for, with the token that dies with its lease."""

from __future__ import annotations

from control_plane.kernel.asgi_routes import AsyncRoute

JOB_DOORS: list[AsyncRoute] = []
