"""Addresses of what an operator lays over everything."""

from __future__ import annotations

from django.urls import path

from governance.api import described  # noqa: F401  # its import gives the handlers their shapes
from governance.api.banners import BannersView, TenantBannersView
from governance.api.kill_switches import KillSwitchesView
from governance.api.maintenance import MaintenanceView
from governance.api.notifications import NotificationsView

SWITCHES = "api/v1/kill-switches"
BANNERS = "api/v1/banners"
MAINTENANCE = "api/v1/instance/maintenance"
NOTIFICATIONS = "api/v1/notifications"
ONE = f"{NOTIFICATIONS}/<str:notification_id>"

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
]
