"""Addresses of what an operator lays over everything."""

from __future__ import annotations

from django.urls import URLPattern, path

from control_plane.kernel.api.views import ApiView
from governance.api import described  # noqa: F401  # its import gives the handlers their shapes
from governance.api.banners import BannersView, TenantBannersView
from governance.api.kill_switches import KillSwitchesView
from governance.api.maintenance import MaintenanceView
from governance.api.notifications import NotificationsView
from governance.api.policies import InstancePoliciesView, NamespacePoliciesView, TenantPoliciesView
from governance.api.quotas import QuotasView
from governance.api.retention import RetentionView

SWITCHES = "api/v1/kill-switches"
BANNERS = "api/v1/banners"
MAINTENANCE = "api/v1/instance/maintenance"
NOTIFICATIONS = "api/v1/notifications"
RETENTION = "api/v1/<str:tenant>/retention"
ONE = f"{NOTIFICATIONS}/<str:notification_id>"


def _policies(root: str, view: type[ApiView]) -> list[URLPattern]:
    """The same addresses in each scope; what has a name of its own comes before what is named by an id."""
    routes = [
        path(root, view.as_view({"post": "create"})),
        path(f"{root}/search", view.as_view({"get": "search"})),
        path(f"{root}/export", view.as_view({"post": "export"})),
        path(f"{root}/export/by-ids", view.as_view({"post": "export_many"})),
        path(f"{root}/delete/by-ids", view.as_view({"delete": "delete_many"})),
    ]
    if "import_all" in view.access:
        routes.append(path(f"{root}/import", view.as_view({"post": "import_all"})))
    one = {"get": "show", "put": "update", "delete": "delete"}
    return [
        *routes,
        path(f"{root}/<str:policy_id>", view.as_view(one)),
        path(f"{root}/<str:policy_id>/evaluate", view.as_view({"get": "evaluate"})),
    ]


urlpatterns = [
    path(SWITCHES, KillSwitchesView.as_view({"post": "create"})),
    path(f"{SWITCHES}/search", KillSwitchesView.as_view({"get": "search"})),
    path(f"{SWITCHES}/<str:switch_id>", KillSwitchesView.as_view({"put": "update", "delete": "delete"})),
    path(BANNERS, BannersView.as_view({"post": "create"})),
    path(f"{BANNERS}/search", BannersView.as_view({"get": "search"})),
    path(f"{BANNERS}/shown", BannersView.as_view({"get": "shown"})),
    path(f"{BANNERS}/<str:banner_id>", BannersView.as_view({"put": "update", "delete": "delete"})),
    path("api/v1/<str:tenant>/banners/shown", TenantBannersView.as_view({"get": "shown"})),
    path(f"{MAINTENANCE}/enter", MaintenanceView.as_view({"post": "enter"})),
    path(f"{MAINTENANCE}/exit", MaintenanceView.as_view({"post": "exit"})),
    path(f"{MAINTENANCE}/status", MaintenanceView.as_view({"get": "status"})),
    path(f"{NOTIFICATIONS}/history", NotificationsView.as_view({"get": "history"})),
    path(f"{NOTIFICATIONS}/since", NotificationsView.as_view({"get": "since"})),
    path(f"{NOTIFICATIONS}/unread-count", NotificationsView.as_view({"get": "unread"})),
    path(f"{NOTIFICATIONS}/read-all", NotificationsView.as_view({"post": "read_all"})),
    path(f"{ONE}/read", NotificationsView.as_view({"post": "read"})),
    path(f"{ONE}/unread", NotificationsView.as_view({"post": "keep_unread"})),
    *_policies("api/v1/instance/policies", InstancePoliciesView),
    *_policies("api/v1/<str:tenant>/policies", TenantPoliciesView),
    *_policies("api/v1/<str:tenant>/namespaces/<str:namespace>/policies", NamespacePoliciesView),
    path("api/v1/<str:tenant>/flows/policies/preview", TenantPoliciesView.as_view({"post": "preview"})),
    path(RETENTION, RetentionView.as_view({"get": "show", "put": "save", "delete": "delete"})),
    path(f"{RETENTION}/preview", RetentionView.as_view({"post": "preview"})),
    path(f"{RETENTION}/runs", RetentionView.as_view({"post": "run"})),
    path(f"{RETENTION}/runs/<str:run_id>", RetentionView.as_view({"delete": "stop"})),
    path("api/v1/<str:tenant>/quota-limits", QuotasView.as_view({"get": "search"})),
]
