"""The plugins of this instance over HTTP: lists, pages, schemas, icons."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from control_plane.kernel.api.pages import page_of, sliced
from control_plane.kernel.api.query import flag
from control_plane.kernel.api.views import InstanceView
from control_plane.kernel.permissions import Rule
from control_plane.kernel.version import VERSION
from control_plane.kernel.words.errors import NotFound
from flows.api.bodies import plugins_in
from flows.plugin_docs.icons import encoded, group_icon_svg, icon_svg
from flows.plugin_docs.pages import is_flowable, plugin_groups, plugin_markdown, trigger_list
from flows.plugin_docs.schemas import KINDS, input_schema, input_types, plugin_schema, properties_of, schema_of
from plugins.catalog.registry import name_of, registry
from plugins.contracts import Plugin

_ALL_PLUGINS = 10_000


class PluginView(InstanceView):
    """`/plugins`: the same for every tenant and every signed-in user."""

    access = dict.fromkeys(
        (
            "list", "groups", "triggers", "page", "versions", "icons", "group_icons", "icon", "icon_svg",
            "schema_", "properties", "inputs", "input", "ui_manifest", "ui_file",
        ),
        Rule.AUTHENTICATED,
    )  # fmt: skip

    def list(self, request: Request) -> dict[str, Any]:
        return sliced(plugin_groups(), page_of(self.query, _ALL_PLUGINS))

    def groups(self, request: Request) -> Any:
        return plugin_groups()

    def triggers(self, request: Request) -> dict[str, Any]:
        found = trigger_list()
        return {"results": found, "total": len(found)}

    def page(self, request: Request, cls: str, version: str | None = None) -> dict[str, Any]:
        plugin = _plugin(cls)
        return {"markdown": plugin_markdown(plugin), "schema": plugin_schema(plugin)}

    def versions(self, request: Request, cls: str) -> dict[str, Any]:
        return {"type": _plugin(cls).TYPE, "versions": [VERSION]}

    def ui_manifest(self, request: Request) -> dict[str, Any]:
        """Which pieces of a page plugins bring of their own: none of ours does."""
        plugins_in(request)
        return {"manifest": {}}

    def ui_file(self, request: Request, group: str, file: str) -> dict[str, Any]:
        raise NotFound(f"the plugins of {group[:100]} bring no page of their own")

    def icons(self, request: Request) -> dict[str, Any]:
        return {plugin.TYPE: _icon(plugin) for plugin in registry().all()}

    def group_icons(self, request: Request) -> dict[str, Any]:
        groups = [entry["group"] for entry in plugin_groups()]
        return {group: {"name": group, "icon": encoded(group_icon_svg(group)), "flowable": False} for group in groups}

    def icon(self, request: Request, cls: str) -> dict[str, Any]:
        return {"icon": _icon(_plugin(cls))}

    def icon_svg(self, request: Request, cls: str) -> HttpResponse:
        return HttpResponse(icon_svg(_plugin(cls)), content_type="image/svg+xml")

    def schema_(self, request: Request, kind: str) -> dict[str, Any]:
        found = schema_of(kind.upper())
        if found is None:
            raise NotFound(f"there is no schema of `{kind}`: use one of {', '.join(KINDS)}")
        if not flag(self.query, "arrayOf"):
            return found
        whole = {key: value for key, value in found.items() if key != "$ref"}
        return {**whole, "type": "array", "items": {"$ref": found["$ref"]}}

    def properties(self, request: Request, kind: str) -> dict[str, Any]:
        return properties_of(kind.upper())

    def inputs(self, request: Request) -> Any:
        return [{"type": name, "cls": cls} for name, cls in input_types()]

    def input(self, request: Request, kind: str) -> dict[str, Any]:
        found = input_schema(kind.upper())
        if found is None:
            raise NotFound(f"there is no input of type `{kind}`")
        return {"markdown": f"# {kind.upper()}\n", "schema": found}


def _plugin(type_name: str) -> type[Plugin]:
    found = registry().find(type_name)
    if found is None:
        raise NotFound(f"Class '{type_name}' doesn't exists on current plugin list.")
    return found.plugin


def _icon(plugin: type[Plugin]) -> dict[str, Any]:
    return {"name": name_of(plugin), "icon": encoded(icon_svg(plugin)), "flowable": is_flowable(plugin)}
