"""Addresses of tenants and namespaces."""

from __future__ import annotations

from django.urls import path

from tenants.api import described  # noqa: F401  # its import gives the handlers their shapes
from tenants.api.apps_catalog import AppsCatalogView
from tenants.api.namespaces import NamespacesView
from tenants.api.settings import DefaultDashboardsView
from tenants.api.tenants import TenantsView

V1 = "api/v1"
APPS_CATALOG = f"{V1}/tenants/<str:tenant>/apps-catalog"
NAMESPACES = f"{V1}/<str:tenant>/namespaces"

urlpatterns = [
    path(f"{V1}/tenants", TenantsView.as_view({"post": "create"})),
    path(f"{V1}/tenants/search", TenantsView.as_view({"get": "search"})),
    path(f"{V1}/tenants/<str:tenant_id>", TenantsView.as_view({"get": "show", "put": "update", "delete": "delete"})),
    path(f"{V1}/tenants/<str:tenant_id>/logo", TenantsView.as_view({"post": "set_logo"})),
    path(
        f"{V1}/tenants/<str:tenant>/settings/default-dashboards",
        DefaultDashboardsView.as_view({"get": "show", "post": "update"}),
    ),
    path(APPS_CATALOG, AppsCatalogView.as_view({"get": "show", "post": "update"})),
    path(f"{APPS_CATALOG}/logo", AppsCatalogView.as_view({"post": "set_logo", "delete": "delete_logo"})),
    path(NAMESPACES, NamespacesView.as_view({"post": "create"})),
    path(f"{NAMESPACES}/autocomplete", NamespacesView.as_view({"post": "autocomplete"})),
    path(f"{NAMESPACES}/search", NamespacesView.as_view({"get": "search"})),
    path(
        f"{NAMESPACES}/<str:name>",
        NamespacesView.as_view({"get": "show", "put": "update", "delete": "delete"}),
    ),
    path(f"{NAMESPACES}/<str:name>/inherited-variables", NamespacesView.as_view({"get": "variables"})),
]
