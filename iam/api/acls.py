"""What can be put into a role."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.views import TenantView
from control_plane.kernel.permissions import AUTHENTICATED
from iam.authorization.catalogue import ASSIGNABLE, MANAGED


class AclsView(TenantView):
    access = {"permissions": AUTHENTICATED, "templates": AUTHENTICATED}

    def permissions(self, request: Request) -> dict[str, Any]:
        return {resource: list(actions) for resource, actions in ASSIGNABLE.items()}

    def templates(self, request: Request) -> dict[str, Any]:
        return {name.upper(): permissions for name, permissions in MANAGED.items()}
