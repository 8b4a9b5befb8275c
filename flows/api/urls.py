"""Addresses of flows and plugins. Literal paths stand before those with a namespace in their place."""

from __future__ import annotations

from django.urls import path

from control_plane.kernel.api.fast import fast_view
from flows.api import described  # noqa: F401  # its import gives the handlers their shapes
from flows.api.checks import FlowCheckView
from flows.api.dependencies import DependencyView
from flows.api.expressions import ExpressionView
from flows.api.flow import FlowView
from flows.api.lists import FlowListView, search
from flows.api.main_tenant import MainTenantView
from flows.api.many import FlowBulkView, FlowExportView
from flows.api.plugins import PluginView
from flows.api.reusable_inputs import ReusableInputsView
from flows.api.secret_usage import SecretUsageView
from flows.api.sets import FlowSetView
from flows.api.surroundings import SurroundingsView
from flows.api.vocabulary import VocabularyView
from flows.permissions import FLOW

FLOWS = "api/v1/<str:tenant>/flows"

PLUGINS = "api/v1/plugins"
BLOCKS = "api/v1/<str:tenant>/namespaces/<str:namespace>/reusable-inputs"

urlpatterns = [
    path(PLUGINS, PluginView.as_view({"get": "list"})),
    path(f"{PLUGINS}/groups/subgroups", PluginView.as_view({"get": "groups"})),
    path(f"{PLUGINS}/triggers", PluginView.as_view({"get": "triggers"})),
    path(f"{PLUGINS}/icons", PluginView.as_view({"get": "icons"})),
    path(f"{PLUGINS}/icons/groups", PluginView.as_view({"get": "group_icons"})),
    path(f"{PLUGINS}/icons/<str:cls>", PluginView.as_view({"get": "icon"})),
    path(f"{PLUGINS}/icons/<str:cls>/icon.svg", PluginView.as_view({"get": "icon_svg"})),
    path(f"{PLUGINS}/inputs", PluginView.as_view({"get": "inputs"})),
    path(f"{PLUGINS}/inputs/<str:kind>", PluginView.as_view({"get": "input"})),
    path(f"{PLUGINS}/properties/<str:kind>", PluginView.as_view({"get": "properties"})),
    path(f"{PLUGINS}/schemas/<str:kind>", PluginView.as_view({"get": "schema_"})),
    path(f"{PLUGINS}/pluginUiManifest", PluginView.as_view({"post": "ui_manifest"})),
    path(f"{PLUGINS}/<str:group>/pluginUi/<str:file>", PluginView.as_view({"get": "ui_file"})),
    path(f"{PLUGINS}/<str:cls>", PluginView.as_view({"get": "page"})),
    path(f"{PLUGINS}/<str:cls>/versions", PluginView.as_view({"get": "versions"})),
    path(f"{PLUGINS}/<str:cls>/versions/<str:version>", PluginView.as_view({"get": "page"})),
    path("api/v1/pebble/filters", VocabularyView.as_view({"get": "filters"})),
    path("api/v1/pebble/functions", VocabularyView.as_view({"get": "functions"})),
    path("api/v1/main-tenant-flows", MainTenantView.as_view({"get": "has_flows"})),
    path("api/v1/<str:tenant>/dependencies", DependencyView.as_view({"get": "of_tenant"})),
    path("api/v1/<str:tenant>/expressions/render", ExpressionView.as_view({"post": "render"})),
    path("api/v1/<str:tenant>/reusable-inputs/namespaces", ReusableInputsView.as_view({"get": "namespaces"})),
    path("api/v1/<str:tenant>/namespaces/<str:namespace>/surroundings", SurroundingsView.as_view({"get": "read"})),
    path("api/v1/<str:tenant>/namespaces/<str:namespace>/secrets-usage", SecretUsageView.as_view({"get": "read"})),
    path(BLOCKS, ReusableInputsView.as_view({"get": "list"})),
    path(
        f"{BLOCKS}/<str:block_id>",
        ReusableInputsView.as_view({"get": "read", "put": "save", "delete": "remove"}),
    ),
    path(f"{BLOCKS}/<str:block_id>/revisions", ReusableInputsView.as_view({"get": "revisions"})),
    path(FLOWS, FlowView.as_view({"post": "create"})),
    path(f"{FLOWS}/search", fast_view(get=(FLOW.LIST, search))),
    path(f"{FLOWS}/source", FlowListView.as_view({"get": "search_source"})),
    path(f"{FLOWS}/distinct-namespaces", FlowListView.as_view({"get": "namespaces"})),
    path(f"{FLOWS}/deprecated", FlowListView.as_view({"get": "deprecated"})),
    path(f"{FLOWS}/bulk", FlowSetView.as_view({"post": "replace"})),
    path(f"{FLOWS}/import", FlowBulkView.as_view({"post": "import_"})),
    path(f"{FLOWS}/delete/by-ids", FlowBulkView.as_view({"delete": "delete_by_ids"})),
    path(f"{FLOWS}/delete/by-query", FlowBulkView.as_view({"delete": "delete_by_query"})),
    path(f"{FLOWS}/enable/by-ids", FlowBulkView.as_view({"post": "enable_by_ids"})),
    path(f"{FLOWS}/enable/by-query", FlowBulkView.as_view({"post": "enable_by_query"})),
    path(f"{FLOWS}/disable/by-ids", FlowBulkView.as_view({"post": "disable_by_ids"})),
    path(f"{FLOWS}/disable/by-query", FlowBulkView.as_view({"post": "disable_by_query"})),
    path(f"{FLOWS}/export/by-ids", FlowExportView.as_view({"post": "by_ids"})),
    path(f"{FLOWS}/export/by-query", FlowExportView.as_view({"get": "by_query"})),
    path(f"{FLOWS}/export/by-query/csv", FlowExportView.as_view({"get": "csv"})),
    path(f"{FLOWS}/validate", FlowCheckView.as_view({"post": "validate"})),
    path(f"{FLOWS}/validate/task", FlowCheckView.as_view({"post": "validate_task"})),
    path(f"{FLOWS}/validate/trigger", FlowCheckView.as_view({"post": "validate_trigger"})),
    path(f"{FLOWS}/upgrade", FlowCheckView.as_view({"post": "upgrade"})),
    path(f"{FLOWS}/graph", FlowCheckView.as_view({"post": "graph"})),
    path(f"{FLOWS}/expressions", FlowCheckView.as_view({"post": "expressions"})),
    path(
        f"{FLOWS}/<str:namespace>",
        FlowSetView.as_view({"get": "in_namespace", "post": "replace_namespace"}),
    ),
    path(
        f"{FLOWS}/<str:namespace>/<str:flow_id>",
        FlowView.as_view({"get": "read", "put": "update", "delete": "delete"}),
    ),
    path(
        f"{FLOWS}/<str:namespace>/<str:flow_id>/revisions",
        FlowView.as_view({"get": "revisions", "delete": "delete_revisions"}),
    ),
    path(f"{FLOWS}/<str:namespace>/<str:flow_id>/dependencies", DependencyView.as_view({"get": "of_flow"})),
    path(
        "api/v1/<str:tenant>/namespaces/<str:namespace>/dependencies",
        DependencyView.as_view({"get": "of_namespace"}),
    ),
    path(f"{FLOWS}/<str:namespace>/<str:flow_id>/graph", FlowView.as_view({"get": "graph"})),
    path(f"{FLOWS}/<str:namespace>/<str:flow_id>/tasks/<str:task_id>", FlowView.as_view({"get": "task"})),
]
