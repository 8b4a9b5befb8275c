"""What a namespace and those above it give to its flows, and which of them gives it."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.api.views import TenantView
from control_plane.kernel.authorization import require
from control_plane.kernel.words.errors import NotFound
from flows.namespace_settings.surroundings import Gift, defaults_around, variables_around
from tenants.permissions import NAMESPACE


class SurroundingsView(TenantView):
    """`/namespaces/{namespace}/surroundings`. Who may see a namespace sees what it inherits."""

    access = {"read": NAMESPACE.VIEW}

    def read(self, request: Request, namespace: str) -> dict[str, Any]:
        require(self.ctx, NAMESPACE.VIEW, namespace, absent=NotFound())
        return {
            "variables": [_variable(each) for each in variables_around(namespace)],
            "pluginDefaults": [_default(each) for each in defaults_around(namespace)],
        }


def _variable(gift: Gift) -> dict[str, Any]:
    return without_nulls(name=gift.name, value=gift.value, namespace=gift.namespace, hiddenBy=gift.hidden_by or None)


def _default(gift: Gift) -> dict[str, Any]:
    return {
        "type": gift.value["type"],
        "forced": gift.value.get("forced") is True,
        "values": gift.value.get("values") or {},
        "namespace": gift.namespace,
    }
