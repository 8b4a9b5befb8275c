"""Namespaces of a tenant."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.pages import page_of, sliced
from control_plane.kernel.api.query import flag
from control_plane.kernel.api.schema import PAGED, shaped
from control_plane.kernel.api.views import TenantView
from control_plane.kernel.authorization import require
from control_plane.kernel.words.errors import Conflict, NotFound
from tenants.access import visible_names
from tenants.api.bodies import NamespaceAutocomplete, NamespaceBody
from tenants.api.name_filters import matching, sorted_names
from tenants.models import Namespace
from tenants.permissions import NAMESPACE
from tenants.queries import inherited_variables, namespace
from tenants.services.namespaces import create_namespace, delete_namespace, update_namespace
from tenants.shapes import namespace_shape


class NamespacesView(TenantView):
    access = {
        "search": NAMESPACE.LIST,
        "autocomplete": NAMESPACE.LIST,
        "create": create_namespace,
        "show": NAMESPACE.VIEW,
        "update": update_namespace,
        "delete": delete_namespace,
        "variables": NAMESPACE.VIEW,
    }

    @shaped(query=(*PAGED, ("existing", "boolean")))
    def search(self, request: Request) -> dict[str, Any]:
        names = visible_names(self.ctx, is_created=flag(self.query, "existing"))
        page = sliced(sorted_names(self.query, matching(self.query, names)), page_of(self.query))
        configured = {each.name: each for each in Namespace.objects.filter(name__in=page["results"])}
        page["results"] = [namespace_shape(configured.get(name) or Namespace(name=name)) for name in page["results"]]
        return page

    @shaped(body=NamespaceAutocomplete)
    def autocomplete(self, request: Request) -> list[str]:
        sent = self.body(NamespaceAutocomplete)
        names = visible_names(self.ctx, is_created=bool(sent.existing_only))
        wanted = [name for name in names if (sent.q or "").lower() in name]
        kept = [name for name in sent.ids or [] if name in names and name not in wanted]
        return kept + wanted

    @shaped(body=NamespaceBody)
    def create(self, request: Request) -> dict[str, Any]:
        sent = self.body(NamespaceBody)
        return namespace_shape(create_namespace(self.ctx, name=sent.id, **self._configured(sent)))

    def show(self, request: Request, name: str) -> dict[str, Any]:
        require(self.ctx, NAMESPACE.VIEW, name, absent=NotFound())
        return namespace_shape(namespace(name))

    @shaped(body=NamespaceBody)
    def update(self, request: Request, name: str) -> dict[str, Any]:
        sent = self.body(NamespaceBody)
        if sent.id != name:
            raise Conflict("a namespace's id never changes")
        return namespace_shape(update_namespace(self.ctx, name=name, **self._configured(sent)))

    def delete(self, request: Request, name: str) -> None:
        delete_namespace(self.ctx, name=name)

    def variables(self, request: Request, name: str) -> dict[str, Any]:
        require(self.ctx, NAMESPACE.VIEW, name, absent=NotFound())
        return inherited_variables(namespace(name).name)

    def _configured(self, sent: NamespaceBody) -> dict[str, Any]:
        return {
            "description": sent.description or "",
            "variables": sent.variables or {},
            "settings": sent.kept(self.request.data),
        }
