"""Endpoints that wait for somebody else's server: they are admitted in a scope, and handled outside of every one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from control_plane.kernel.actor import Context
from control_plane.kernel.api.dispatch import remember_refusal, serve
from control_plane.kernel.api.errors import error_response
from control_plane.kernel.api.views import ApiView, InstanceView, TenantView, endpoint_right
from control_plane.kernel.words.paths import parts


class OutsideView(ApiView):
    """Its handlers hold no transaction while they wait: they read in short scopes and write by commands."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        action = self._action(request)
        if action is None:
            return self.without_action(request)
        path = parts(kwargs)
        tenant = path.pop("tenant", None)
        admitted: list[Context] = []

        def admit(ctx: Context) -> HttpResponse:
            admitted.append(ctx)
            return HttpResponse()

        refusal = serve(request, endpoint_right(self.access[action]), tenant, admit)
        if not admitted:
            return refusal
        ctx = admitted[-1]
        try:
            response = self.handled(ctx, request, action, path)
        except Exception as error:
            remember_refusal(request, tenant, error, ctx.request_id)
            response = error_response(error, request.get_full_path(), ctx.request_id)
        response.headers["X-Request-Id"] = ctx.request_id
        return response


class OutsideInstanceView(OutsideView, InstanceView):
    """One of the instance."""


class OutsideTenantView(OutsideView, TenantView):
    """One under a tenant."""
