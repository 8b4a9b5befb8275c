"""An address that means one thing to GET and another to POST: a literal part of one is a name in the other."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import get_resolver

from control_plane.kernel.api.addresses import IndexedRoutes
from control_plane.kernel.api.contract import is_promised


def answered_elsewhere(request: HttpRequest) -> HttpResponseBase | None:
    """For a view that does not serve the method: the answer of the next route that matches and does, None without one.

    What the contract promises for this address and is not served yet is nobody else's to answer.
    """
    method = "GET" if request.method == "HEAD" else request.method or ""
    if is_promised(method, request.path):
        return None
    for routes in get_resolver(getattr(request, "urlconf", None)).url_patterns:
        if not isinstance(routes, IndexedRoutes):
            continue
        match = routes.serving(method, request.path_info.removeprefix("/"))
        if match is not None:
            request.resolver_match = match
            response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
            return response
    return None
