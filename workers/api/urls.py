"""Addresses of the fleet."""

from __future__ import annotations

from django.urls import path

from workers.api import described  # noqa: F401  # its import gives the handlers their shapes
from workers.api.credentials import WorkerCredentialsView
from workers.api.fleet import FleetView
from workers.api.groups import WorkerGroupsView
from workers.api.instance import ServicesView
from workers.api.queues import WorkerQueuesView
from workers.api.selectors import SelectorsView

SERVICES = "api/v1/instance/services"
QUEUES = "api/v1/instance/worker-queues"
JOINED = "api/v1/instance/workers/credentials"
GROUPS = "api/v1/instance/worker-groups"
ONE = f"{GROUPS}/<str:key>"

urlpatterns = [
    path(f"{SERVICES}/search", ServicesView.as_view({"get": "search"})),
    path(f"{SERVICES}/active", ServicesView.as_view({"get": "active"})),
    path("api/v1/instance/metrics/<str:service_type>", ServicesView.as_view({"get": "metrics"})),
    path(f"{SERVICES}/<str:service_id>", ServicesView.as_view({"get": "show"})),
    path("api/v1/<str:tenant>/worker-selectors/tags", SelectorsView.as_view({"get": "tags"})),
    path(GROUPS, WorkerGroupsView.as_view({"get": "list", "post": "create"})),
    path(ONE, WorkerGroupsView.as_view({"get": "show", "put": "update", "delete": "delete"})),
    path(f"{ONE}/workers", WorkerGroupsView.as_view({"get": "workers"})),
    path(f"{ONE}/capacity", WorkerGroupsView.as_view({"get": "capacity"})),
    path(f"{ONE}/subscriptions", WorkerGroupsView.as_view({"post": "subscribe"})),
    path(
        f"{ONE}/subscriptions/<str:queue_id>",
        WorkerGroupsView.as_view({"patch": "reserve", "delete": "unsubscribe"}),
    ),
    path(f"{ONE}/tokens", WorkerGroupsView.as_view({"post": "create_token"})),
    path(f"{ONE}/tokens/<str:token_id>", WorkerGroupsView.as_view({"delete": "delete_token"})),
    path(f"{ONE}/tokens/<str:token_id>/revoke", WorkerGroupsView.as_view({"post": "revoke_token"})),
    path(QUEUES, WorkerQueuesView.as_view({"get": "list", "post": "create"})),
    path(
        f"{QUEUES}/<str:queue_id>",
        WorkerQueuesView.as_view({"get": "show", "put": "update", "delete": "delete"}),
    ),
    path(f"{QUEUES}/<str:queue_id>/subscribers", WorkerQueuesView.as_view({"get": "subscribers"})),
    path(JOINED, WorkerCredentialsView.as_view({"get": "list"})),
    path(f"{JOINED}/<str:worker_id>", WorkerCredentialsView.as_view({"get": "show"})),
    path(f"{JOINED}/<str:worker_id>/revoke", WorkerCredentialsView.as_view({"post": "revoke"})),
    path(f"{JOINED}/<str:worker_id>/drain", WorkerCredentialsView.as_view({"post": "drain"})),
    path("api/v1/instance/fleet", FleetView.as_view({"get": "overview"})),
]
