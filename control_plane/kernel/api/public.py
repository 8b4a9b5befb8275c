"""Which addresses need no credentials, and which prove them, as their views declare it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.urls import get_resolver, resolve
from django.urls.exceptions import Resolver404

from control_plane.kernel.api.addresses import all_routes
from control_plane.kernel.api.fast import FastView
from control_plane.kernel.api.views import endpoint_right
from control_plane.kernel.permissions import Rule


def is_public(method: str, path: str) -> bool:
    """Whether anybody may send this request."""
    try:
        view: Any = resolve(path).func
    except Resolver404:
        return False
    if isinstance(view, FastView):
        return view.rights.get(method) is Rule.PUBLIC
    action = getattr(view, "actions", {}).get(method.lower())
    declared = view.cls.access.get(action) if action and hasattr(view, "cls") else None
    return declared is not None and endpoint_right(declared) is Rule.PUBLIC


class SignInAddresses:
    """The addresses whose views prove who somebody is (`is_sign_in`): a thread of their own waits for each."""

    @cached_property
    def _patterns(self) -> list[Any]:
        routes = all_routes(get_resolver().url_patterns)
        return [route.pattern for route in routes if _is_sign_in(route.callback)]

    def __contains__(self, path: object) -> bool:
        return any(pattern.match(str(path).removeprefix("/")) is not None for pattern in self._patterns)


def _is_sign_in(view: Any) -> bool:
    return bool(getattr(getattr(view, "cls", None), "is_sign_in", False))
