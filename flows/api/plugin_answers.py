"""Plugins as the API's description names them."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict


class PluginElement(TypedDict):
    cls: str
    title: str
    description: NotRequired[str]
    deprecated: bool


class Plugin(TypedDict):
    """A group of plugins, by kind."""

    name: str
    title: str
    group: str
    license: str
    aliases: list[str]
    categories: list[Literal["CORE"]]
    tasks: list[PluginElement]
    triggers: list[PluginElement]
    conditions: list[PluginElement]
    taskRunners: list[PluginElement]


class TriggerPlugin(TypedDict):
    type: str
    name: str
    description: str
    group: Literal["core"]
    deprecated: bool


class PluginSchema(TypedDict):
    properties: dict[str, Any]
    outputs: dict[str, Any]
    definitions: dict[str, Any]


class DocumentationWithSchema(TypedDict):
    markdown: str
    schema: PluginSchema


class PluginVersions(TypedDict):
    type: str
    versions: list[str]


class PluginUiModuleWithGroup(TypedDict):
    """A piece of a page that a plugin brings."""

    group: str
    uiModule: str


class PluginUiManifest(TypedDict):
    """Those pieces, by the type of the plugin."""

    manifest: dict[str, list[PluginUiModuleWithGroup]]


class PluginIcon(TypedDict):
    """An SVG in base64."""

    name: str
    icon: str
    flowable: bool


class PluginIconResponse(TypedDict):
    icon: PluginIcon


class InputTypeName(TypedDict):
    type: str
    cls: str
