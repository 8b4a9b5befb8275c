"""Plugin defaults: values for every plugin of a type, merged into a document before it is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flows.model.documents.scalars import is_given
from flows.model.documents.tree import SourceList, SourceMap
from flows.model.reading.shapes import shape_of
from plugins.catalog.registry import Registry


@dataclass(frozen=True, slots=True)
class Default:
    """Values for plugins of a type, of its other names, or of types that begin with it.

    `level` says how far above the flow it was declared: 0 is the flow itself, 1 its namespace, 2 the one above that.
    """

    type: str
    values: Mapping[str, Any]
    forced: bool = False
    level: int = 1


@dataclass(frozen=True, slots=True)
class Defaults:
    """The defaults of a flow's surroundings, the nearest first: namespace (own before parents), tenant, instance."""

    namespace: Sequence[Default] = ()
    tenant: Sequence[Default] = ()
    instance: Sequence[Default] = ()

    def __iter__(self) -> Iterator[Default]:
        yield from self.namespace
        yield from (replace(default, level=_TENANT) for default in self.tenant)
        yield from (replace(default, level=_INSTANCE) for default in self.instance)


_TENANT, _INSTANCE = 1_000, 1_001


NO_DEFAULTS = Defaults()


def apply_defaults(document: Any, defaults: Defaults, registry: Registry) -> Any:
    """The document with the defaults merged into every plugin in it; the given document stays as it was.

    Of soft defaults the nearest wins, of forced ones the most senior. What a plugin does not have is passed over,
    unless the default names its type exactly.
    """
    if not isinstance(document, dict):
        return document
    ranked = [*_declared(document), *defaults]
    if not ranked:
        return document
    applier = _Applier(ranked, registry)
    kept = ("pluginDefaults", "taskDefaults")
    merged = _empty_like(document)
    for key, value in document.items():
        merged[key] = value if key in kept else applier.walk(value)
    return merged


def _declared(document: Mapping[str, Any]) -> Iterator[Default]:
    for name in ("pluginDefaults", "taskDefaults"):
        entries = document.get(name)
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and isinstance(entry.get("type"), str) and isinstance(entry.get("values"), dict):
                yield Default(entry["type"], entry["values"], entry.get("forced") is True, level=0)


class _Applier:
    """Walks a document once; which defaults a type gets is worked out once for each type."""

    def __init__(self, ranked: Sequence[Default], registry: Registry) -> None:
        self._ranked = ranked
        self._registry = registry
        self._chosen: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}

    def walk(self, value: Any) -> Any:
        if isinstance(value, dict):
            entries = _empty_like(value)
            for key, item in value.items():
                entries[key] = self.walk(item) if isinstance(item, dict | list) else item
            type_name = value.get("type")
            return self._merge(type_name, entries) if isinstance(type_name, str) else entries
        if isinstance(value, list):
            items = SourceList()
            items.extend(self.walk(item) for item in value)
            items.spots = getattr(value, "spots", items.spots)
            return items
        return value

    def _merge(self, type_name: str, plugin: dict[str, Any]) -> dict[str, Any]:
        soft, forced = self._for_type(type_name)
        for values, wins in ((soft, False), (forced, True)):
            for key, value in values.items():
                plugin[key] = merge(plugin[key], value, wins) if is_given(plugin.get(key)) else value
        return plugin

    def _for_type(self, type_name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        if type_name not in self._chosen:
            names = self._registry.names_of(type_name)
            matching = [default for default in self._ranked if _matches(default.type, names)]
            senior = sorted(matching, key=lambda default: -default.level)
            self._chosen[type_name] = (
                _combined([self._fitting(default, names) for default in matching if not default.forced]),
                _combined([self._fitting(default, names) for default in senior if default.forced]),
            )
        return self._chosen[type_name]

    def _fitting(self, default: Default, names: Sequence[str]) -> Mapping[str, Any]:
        """Its values; of those that were meant for many types only what this one has."""
        found = self._registry.find(names[0])
        if default.type in names or found is None:
            return default.values
        known = shape_of(found.plugin).fields
        return {key: value for key, value in default.values.items() if key in known}


def _matches(prefix: str, names: Sequence[str]) -> bool:
    return any(name == prefix or name.startswith(prefix) for name in names)


def _combined(values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The first declared wins; what only later ones have is added."""
    combined: dict[str, Any] = {}
    for entry in values:
        for key, value in entry.items():
            combined[key] = merge(combined[key], value, False) if is_given(combined.get(key)) else value
    return combined


def merge(own: Any, default: Any, default_wins: bool) -> Any:
    """Maps are merged key by key and lists joined, the default's items first; of two words one wins."""
    if isinstance(own, dict) and isinstance(default, dict):
        merged = _empty_like(own)
        merged.update(own)
        for key, value in default.items():
            merged[key] = merge(own[key], value, default_wins) if is_given(own.get(key)) else value
        return merged
    if isinstance(own, list) and isinstance(default, list):
        return [*default, *own]
    return default if default_wins else own


def _empty_like(value: Mapping[str, Any]) -> SourceMap:
    copy = SourceMap(getattr(value, "line", 0), getattr(value, "column", 0))
    copy.spots = getattr(value, "spots", copy.spots)
    return copy
