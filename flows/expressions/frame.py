"""The state of one rendering: names in scope, macros, blocks, and the account that it charges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flows.expressions.environment import Environment
from flows.expressions.limits import Run

MISSING: Any = object()

Evaluate = Callable[["Frame"], Any]
Write = Callable[["Frame", list[str]], None]


class Frame:
    """Names are looked up from the innermost layer to the scope, which nothing ever changes."""

    __slots__ = ("blocks", "env", "layers", "macros", "run", "scope", "source")

    def __init__(self, scope: Mapping[str, Any], env: Environment, run: Run, source: str) -> None:
        self.scope = scope
        self.env = env
        self.run = run
        self.source = source
        self.layers: list[dict[str, Any]] = [{}]
        self.macros: dict[str, Callable[[Frame, list[Any], dict[str, Any]], Any]] = {}
        self.blocks: dict[str, Write] = {}

    def lookup(self, name: str) -> Any:
        """The value of a name, or MISSING."""
        for layer in reversed(self.layers):
            if name in layer:
                return layer[name]
        return self.scope.get(name, MISSING)

    def assign(self, name: str, value: Any) -> None:
        """Set a name where it already lives, otherwise in the innermost layer."""
        for layer in reversed(self.layers):
            if name in layer:
                layer[name] = value
                return
        self.layers[-1][name] = value

    def context(self) -> dict[str, Any]:
        """Everything in scope as one map."""
        merged = dict(self.scope)
        for layer in self.layers:
            merged.update(layer)
        return merged

    def inside(self, scope: Mapping[str, Any]) -> Frame:
        """A frame for the body of a macro: other names, the same rendering."""
        inner = Frame(scope, self.env, self.run, self.source)
        inner.macros = self.macros
        inner.blocks = self.blocks
        return inner
