"""Every address of the instance, read from the URLconf: methods, access and the names in its path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from audit.recording.commands import Command
from control_plane.kernel.api.fast import FastView
from control_plane.kernel.api.views import ApiView, InstanceView, TenantView
from control_plane.kernel.permissions import Permission, Rule

_SLOT = re.compile(r"<(?:(\w+):)?(\w+)>")


@dataclass(frozen=True)
class Route:
    """One method of one address. `access` is None where nothing is declared."""

    path: str
    method: str
    access: Permission | Rule | Command[Any, Any] | None
    is_tenants: bool

    def __str__(self) -> str:
        return f"{self.method} /{self.path}"

    @property
    def right(self) -> Permission | Rule | None:
        return self.access.right if isinstance(self.access, Command) else self.access

    @property
    def slots(self) -> tuple[str, ...]:
        """The names in the path, but for the tenant's."""
        return tuple(name for _, name in _SLOT.findall(self.path) if name != "tenant")

    def at(self, **values: str) -> str:
        return "/" + _SLOT.sub(lambda match: values[match[2]], self.path)


def all_routes() -> list[Route]:
    return sorted(_walk(get_resolver().url_patterns, ""), key=str)


def api_routes() -> list[Route]:
    return [route for route in all_routes() if route.access is not None]


def _walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[Route]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        else:
            yield from _methods(path, pattern.callback)


def _methods(path: str, callback: Any) -> Iterator[Route]:
    view = getattr(callback, "cls", None)
    if isinstance(callback, FastView):
        for method, (access, _) in callback.methods.items():
            yield Route(path, method, access, "<str:tenant>" in path)
    elif isinstance(view, type) and issubclass(view, ApiView):
        assert issubclass(view, TenantView) == ("<str:tenant>" in path), f"{path} is served by the wrong kind of view"
        assert issubclass(view, TenantView | InstanceView)
        for method, action in callback.actions.items():
            if method != "head":
                yield Route(path, method.upper(), view.access[action], issubclass(view, TenantView))
    else:
        yield Route(path, "*", None, False)
