"""Finds every plugin class, ours and installed ones, and knows each by its type."""

from __future__ import annotations

import importlib
import inspect
import logging
import pkgutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any, Literal, TypeVar

import plugins
from plugins.catalog.old_names import renamed
from plugins.contracts import Condition, Plugin, Runner, Task, Trigger

_log = logging.getLogger(__name__)

Kind = Literal["task", "trigger", "condition", "runner"]
P = TypeVar("P", bound=Plugin)

KINDS: dict[Kind, type[Plugin]] = {"task": Task, "trigger": Trigger, "condition": Condition, "runner": Runner}
ENTRY_POINT = "orrery.plugins"


class DuplicatePlugin(RuntimeError):
    """Two plugins claim the same type."""


@dataclass(frozen=True, slots=True)
class Found:
    """A plugin class, and by which name it was asked for. `replaces` is set when that name is an old one."""

    plugin: type[Plugin]
    replaces: str | None = None


@dataclass(slots=True)
class Registry:
    """The plugins of this process by type; built once, then only read."""

    types: dict[str, type[Plugin]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)

    def add(self, plugin: type[Plugin]) -> None:
        """Raises DuplicatePlugin when its type or one of its aliases already belongs to another class."""
        self._claim(plugin.TYPE, plugin)
        self.types[plugin.TYPE] = plugin
        for alias in plugin.ALIASES:
            self._claim(alias, plugin)
            self.aliases[alias] = plugin.TYPE

    def _claim(self, name: str, plugin: type[Plugin]) -> None:
        owner = self.types.get(name) or self.types.get(self.aliases.get(name, ""))
        if owner is not None and owner is not plugin:
            raise DuplicatePlugin(f"{name} is claimed by {_where(owner)} and by {_where(plugin)}")

    def extended(self, *plugins: type[Plugin]) -> Registry:
        """This registry and more plugins, without a change to this one."""
        copy = Registry(dict(self.types), dict(self.aliases))
        for plugin in plugins:
            copy.add(plugin)
        return copy

    def find(self, type_name: str) -> Found | None:
        """The class of a type, of an alias, or of a name of an earlier generation."""
        plugin = self.types.get(type_name)
        if plugin is not None:
            return Found(plugin)
        name = self.aliases.get(type_name)
        if name is None:
            name = renamed(type_name)
            name = self.aliases.get(name, name) if name else None
        plugin = self.types.get(name) if name else None
        return Found(plugin, type_name) if plugin else None

    def task(self, type_name: str) -> type[Task] | None:
        return self._typed(type_name, Task)

    def trigger(self, type_name: str) -> type[Trigger] | None:
        return self._typed(type_name, Trigger)

    def condition(self, type_name: str) -> type[Condition] | None:
        return self._typed(type_name, Condition)

    def runner(self, type_name: str) -> type[Runner] | None:
        return self._typed(type_name, Runner)

    def _typed(self, type_name: str, kind: type[P]) -> type[P] | None:
        found = self.find(type_name)
        return found.plugin if found and issubclass(found.plugin, kind) else None

    def names_of(self, type_name: str) -> tuple[str, ...]:
        """Every name the plugin answers to, its own first; just the name itself when nobody knows it."""
        found = self.find(type_name)
        if found is None:
            return (type_name,)
        return tuple(dict.fromkeys((found.plugin.TYPE, *found.plugin.ALIASES, type_name)))

    def all(self, kind: Kind | None = None) -> list[type[Plugin]]:
        """The plugins sorted by type, of one kind or of all."""
        wanted = KINDS[kind] if kind else Plugin
        return [self.types[name] for name in sorted(self.types) if issubclass(self.types[name], wanted)]


def kind_of(plugin: type[Plugin]) -> Kind | None:
    """Which kind a class is of, or None for a plugin that flows do not name."""
    return next((kind for kind, parent in KINDS.items() if issubclass(plugin, parent)), None)


def group_of(plugin: type[Plugin]) -> str:
    """The group it is listed under: `io.kestra.plugin.core.log` for a Log."""
    return plugin.TYPE.rpartition(".")[0]


def name_of(plugin: type[Plugin]) -> str:
    """What a plugin is called without its group: `Log`."""
    return plugin.TYPE.rpartition(".")[2]


def title_of(plugin: type[Plugin]) -> str:
    """One line about it: TITLE, or the first sentence of its docstring."""
    return plugin.TITLE or (inspect.getdoc(plugin) or "").partition("\n")[0]


@cache
def registry() -> Registry:
    """Everything `discover()` finds, once per process."""
    found = Registry()
    for plugin in discover():
        found.add(plugin)
    return found


def discover() -> Iterator[type[Plugin]]:
    """The plugin classes of our packages in a stable order, then those of installed packages.

    An installed package that cannot be imported is logged and left out: it takes its own types with it, not ours.
    """
    for module in _modules(plugins):
        yield from classes_of(module)
    for entry in sorted(entry_points(group=ENTRY_POINT), key=lambda point: point.name):
        yield from _installed(entry)


def _installed(entry: EntryPoint) -> list[type[Plugin]]:
    try:
        loaded = entry.load()
    except Exception:
        _log.exception("the installed plugins %s (%s) cannot be imported", entry.name, entry.value)
        return []
    return list(classes_of(loaded)) if isinstance(loaded, ModuleType) else [loaded]


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    infos: Iterable[Any] = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    for name in sorted(info.name for info in infos):
        yield importlib.import_module(name)


def classes_of(module: ModuleType) -> Iterator[type[Plugin]]:
    """The plugins a module defines itself, in the order they are written. One without a TYPE is nobody's."""
    for value in vars(module).values():
        if inspect.isclass(value) and issubclass(value, Plugin) and value.TYPE and value.__module__ == module.__name__:
            yield value


def _where(plugin: type[Plugin]) -> str:
    return f"{plugin.__module__}.{plugin.__qualname__}"
