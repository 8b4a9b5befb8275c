"""Integrations of a tenant's directory: their addresses, tokens and last calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Literal

from pydantic import Field
from rest_framework.request import Request

from control_plane.kernel.api.bodies import Body
from control_plane.kernel.api.filter_fields import Op, Search, Text
from control_plane.kernel.api.filters import Filters
from control_plane.kernel.api.pages import listed, order_of, page_of
from control_plane.kernel.api.schema import PAGED, shaped
from control_plane.kernel.api.views import TenantView
from iam.api.bodies import Rotation
from iam.models import SecurityIntegration
from iam.permissions import SECURITY_INTEGRATION
from iam.queries import calls_of, usage_of
from iam.services.security_integrations import (
    create_integration,
    delete_integration,
    disable_integration,
    enable_integration,
    rotate_integration_token,
    update_integration,
)
from iam.shapes import Usage, call_shape, integration_shape

Client = Literal["GENERIC", "OKTA", "ENTRA", "KEYCLOAK", "AUTHENTIK"]


class NewIntegration(Body):
    name: str
    description: str = Field(default="", max_length=1000)
    type: Literal["SCIM"]
    client: Client = "GENERIC"


class IntegrationChanges(Body):
    name: str | None = None
    description: str | None = Field(default=None, max_length=1000)
    client: Client | None = None


class IntegrationFilters(Filters):
    q = Search("name", "description")
    name = Text("name")
    legacy = {"q": ("q", Op.EQUALS)}


class SecurityIntegrationsView(TenantView):
    access = {
        "list": SECURITY_INTEGRATION.LIST,
        "search": SECURITY_INTEGRATION.LIST,
        "show": SECURITY_INTEGRATION.VIEW,
        "calls": SECURITY_INTEGRATION.VIEW,
        "create": create_integration,
        "update": update_integration,
        "enable": enable_integration,
        "disable": disable_integration,
        "rotate": rotate_integration_token,
        "delete": delete_integration,
    }

    def list(self, request: Request) -> dict[str, Any]:
        found = SecurityIntegration.objects.order_by("name")
        return {"results": _shown(found), "total": len(found)}

    @shaped(query=PAGED)
    def search(self, request: Request) -> dict[str, Any]:
        order = order_of(self.query, {"id": "id", "name": "name"}, ["name"])
        found = SecurityIntegration.objects.filter(IntegrationFilters.matching(self.query))
        page = listed(found.order_by(*order), page_of(self.query), lambda row: row)
        return {**page, "results": _shown(page["results"])}

    def show(self, request: Request, integration_id: str) -> dict[str, Any]:
        return _shown([SecurityIntegration.objects.get(id=integration_id)])[0]

    def calls(self, request: Request, integration_id: str) -> dict[str, Any]:
        integration = SecurityIntegration.objects.get(id=integration_id)
        found = calls_of(integration.id)
        return {"results": [call_shape(call) for call in found], "total": len(found)}

    def create(self, request: Request) -> dict[str, Any]:
        sent = self.body(NewIntegration)
        integration, token = create_integration(
            self.ctx, name=sent.name, description=sent.description, type=sent.type, client=sent.client
        )
        return _with_token(integration, token)

    def update(self, request: Request, integration_id: str) -> dict[str, Any]:
        sent = self.body(IntegrationChanges)
        changed = update_integration(
            self.ctx,
            integration_id=integration_id,
            name=sent.name,
            description=sent.description,
            client=sent.client or "",
        )
        return _shown([changed])[0]

    def enable(self, request: Request, integration_id: str) -> dict[str, Any]:
        return _shown([enable_integration(self.ctx, integration_id=integration_id)])[0]

    def disable(self, request: Request, integration_id: str) -> dict[str, Any]:
        return _shown([disable_integration(self.ctx, integration_id=integration_id)])[0]

    def rotate(self, request: Request, integration_id: str) -> dict[str, Any]:
        overlap = self.body(Rotation).overlap or timedelta(0)
        return _with_token(*rotate_integration_token(self.ctx, integration_id=integration_id, overlap=overlap))

    def delete(self, request: Request, integration_id: str) -> dict[str, Any]:
        gone = delete_integration(self.ctx, integration_id=integration_id)
        return {**integration_shape(gone), "enabled": False, "deleted": True}


def _with_token(integration: SecurityIntegration, token: str) -> dict[str, Any]:
    """The only time that the token is told."""
    return {**_shown([integration])[0], "token": token}


def _shown(rows: Iterable[SecurityIntegration]) -> Sequence[dict[str, Any]]:
    integrations = list(rows)
    usage = usage_of(row.id for row in integrations)
    return [integration_shape(row, Usage(*usage.get(row.id, (0, None)))) for row in integrations]
