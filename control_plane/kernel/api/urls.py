"""The address of the API's own description."""

from __future__ import annotations

from typing import Any

from django.urls import path
from rest_framework.request import Request

from control_plane.kernel.api.openapi import document
from control_plane.kernel.api.views import InstanceView
from control_plane.kernel.permissions import AUTHENTICATED


class OpenApiView(InstanceView):
    access = {"show": AUTHENTICATED}

    def show(self, request: Request) -> dict[str, Any]:
        """The OpenAPI document of what this instance serves."""
        return document()


urlpatterns = [path("api/v1/openapi", OpenApiView.as_view({"get": "show"}))]
