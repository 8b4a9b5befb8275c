"""What rooms above tell with the configuration that every client reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class ConfigFacts:
    """Each source is asked at every reading of the configuration, in the instance's scope, and must be quick."""

    def __init__(self) -> None:
        self._sources: list[Callable[[], Mapping[str, Any]]] = []

    def add(self, source: Callable[[], Mapping[str, Any]]) -> None:
        if source not in self._sources:
            self._sources.append(source)

    def told(self) -> dict[str, Any]:
        return {name: value for source in self._sources for name, value in source().items()}


config_facts = ConfigFacts()
