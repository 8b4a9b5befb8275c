"""The plugins of this instance as documentation: a list, and a page for each, made from the classes themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from typing import Any

from plugins.catalog.registry import Kind, group_of, kind_of, name_of, registry, title_of
from plugins.contracts import Plugin

CORE = "core"
LICENSE = "Apache-2.0"
_LISTED: dict[Kind, str] = {"task": "tasks", "trigger": "triggers", "condition": "conditions", "runner": "taskRunners"}


@cache
def plugin_groups() -> list[dict[str, Any]]:
    """One entry per group (`io.kestra.plugin.core.log`), with its plugins by kind, sorted by type."""
    listed = [plugin for plugin in registry().all() if kind_of(plugin)]
    return [_group(name, list(members)) for name, members in groupby(sorted(listed, key=_place), key=group_of)]


def trigger_list() -> list[dict[str, Any]]:
    """The triggers a flow can have."""
    return [
        {
            "type": plugin.TYPE,
            "name": name_of(plugin),
            "description": title_of(plugin),
            "group": CORE,
            "deprecated": bool(plugin.DEPRECATED),
        }
        for plugin in registry().all("trigger")
    ]


def plugin_markdown(plugin: type[Plugin]) -> str:
    """Its page: the title, what the class says of itself, and its example flows."""
    parts = [f"# {name_of(plugin)}", f"```yaml\ntype: {plugin.TYPE}\n```", inspect.getdoc(plugin) or ""]
    if plugin.DEPRECATED:
        parts.insert(1, f"> Deprecated. {plugin.DEPRECATED}")
    outputs = [f"* `{name}`: {about.get('description', '')}" for name, about in sorted(plugin.OUTPUTS.items())]
    parts += ["## Outputs\n\n" + "\n".join(outputs)] if outputs else []
    parts += [f"## Example\n\n```yaml\n{example.strip()}\n```" for example in plugin.EXAMPLES]
    return "\n\n".join(part for part in parts if part) + "\n"


def is_flowable(plugin: type[Plugin]) -> bool:
    """Whether it decides what runs instead of running itself."""
    return plugin.__module__.startswith("plugins.flowables.")


def _place(plugin: type[Plugin]) -> tuple[str, str]:
    return group_of(plugin), plugin.TYPE


def _group(name: str, members: Iterable[type[Plugin]]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": name.rpartition(".")[2],
        "title": name.rpartition(".")[2],
        "group": name,
        "license": LICENSE,
        "aliases": [],
        "categories": ["CORE"],
        **{listed: [] for listed in _LISTED.values()},
    }
    for plugin in members:
        kind = kind_of(plugin)
        assert kind is not None, "only plugins of a kind are listed"
        entry[_LISTED[kind]].append(_element(plugin))
        entry["aliases"] += plugin.ALIASES
    return entry


def _element(plugin: type[Plugin]) -> dict[str, Any]:
    shown: dict[str, Any] = {"cls": plugin.TYPE, "title": title_of(plugin), "deprecated": bool(plugin.DEPRECATED)}
    description = (inspect.getdoc(plugin) or "").partition("\n\n")[2]
    return {**shown, "description": description} if description else shown
