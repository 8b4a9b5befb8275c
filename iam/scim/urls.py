"""Addresses of SCIM, below an integration."""

from __future__ import annotations

from django.urls import path

from iam.scim import described  # noqa: F401  # its import gives the handlers their shapes
from iam.scim.bulk import BulkView
from iam.scim.discovery import DiscoveryView, ElsewhereView
from iam.scim.everything import EverythingView
from iam.scim.groups import GroupsView
from iam.scim.users import UsersView

BASE = "api/v1/<str:tenant>/integrations/<str:integration>/scim/v2"
_ONE = {"get": "show", "put": "replace", "patch": "patch", "delete": "delete"}

urlpatterns = [
    path(f"{BASE}/Users", UsersView.as_view({"get": "list", "post": "create"})),
    path(f"{BASE}/Users/.search", UsersView.as_view({"post": "search"})),
    path(f"{BASE}/Users/<str:pushed_user_id>", UsersView.as_view(_ONE)),
    path(f"{BASE}/Groups", GroupsView.as_view({"get": "list", "post": "create"})),
    path(f"{BASE}/Groups/.search", GroupsView.as_view({"post": "search"})),
    path(f"{BASE}/Groups/<str:pushed_group_id>", GroupsView.as_view(_ONE)),
    path(f"{BASE}/ServiceProviderConfig", DiscoveryView.as_view({"get": "config"})),
    path(f"{BASE}/ResourceTypes", DiscoveryView.as_view({"get": "resource_types"})),
    path(f"{BASE}/ResourceTypes/<str:resource_type>", DiscoveryView.as_view({"get": "one_type"})),
    path(f"{BASE}/Schemas", DiscoveryView.as_view({"get": "schemas"})),
    path(f"{BASE}/Schemas/<str:uri>", DiscoveryView.as_view({"get": "one_schema"})),
    path(f"{BASE}/Bulk", BulkView.as_view({"post": "create"})),
    path(f"{BASE}/.search", EverythingView.as_view({"post": "search"})),
    path(f"{BASE}/Me", ElsewhereView.as_view({"get": "me"})),
    path(f"{BASE}/<path:rest>", ElsewhereView.as_view({"get": "nothing"})),
]
