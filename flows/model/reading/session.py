"""What is known while one document is read: where the reader stands, and what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from control_plane.kernel.words.errors import Violation
from flows.model.documents.tree import SourceList, SourceMap, Texts, spot_of
from flows.model.errors import OF_THE_WHOLE
from plugins.catalog.registry import Registry

MOST_VIOLATIONS = 200

ExpressionCheck = Callable[[str], str | None]
"""What is wrong with the syntax of a text with expressions, or None."""


class TooManyViolations(Exception):
    """Nobody reads more than this."""


@dataclass(slots=True)
class Reading:
    """The state of one reading. `trail` is the way from the root to the entry being read."""

    registry: Registry
    check_expression: ExpressionCheck | None = None
    ignores_unknown: bool = False
    violations: list[Violation] = field(default_factory=list)
    expression_problems: list[Violation] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    """What may be written and will fail when it is read."""
    deprecations: list[str] = field(default_factory=list)
    replacements: list[str] = field(default_factory=list)
    texts: Texts = field(default_factory=dict)
    trail: list[tuple[Any, str | int]] = field(default_factory=list)
    root: Any = None

    @contextmanager
    def inside(self, container: Any, key: str | int) -> Iterator[None]:
        """Stand at an entry while it is read."""
        self.trail.append((container, key))
        try:
            yield
        finally:
            self.trail.pop()

    def complain(
        self, message: str, location: Sequence[str | int] = (), value: Any = None, *, at_key: bool = False
    ) -> None:
        """Report a problem at the entry being read, or further down at `location` (as far as it exists)."""
        self.violations.append(self.violation(message, location, value, at_key=at_key))
        if len(self.violations) >= MOST_VIOLATIONS:
            raise TooManyViolations

    def complain_of_flow(self, message: str, location: Sequence[str | int]) -> None:
        """Report what is wrong with the flow as a whole; `location` leads from here to where it shows."""
        found = self.violation(f"{OF_THE_WHOLE}{message}", location)
        self.violations.append(replace(found, path=""))
        if len(self.violations) >= MOST_VIOLATIONS:
            raise TooManyViolations

    def violation(
        self, message: str, location: Sequence[str | int] = (), value: Any = None, *, at_key: bool = False
    ) -> Violation:
        """The problem with its path and place."""
        steps = [*self.trail, *self._steps(location)]
        line, column = self._place(steps, at_key)
        path = format_path([key for _, key in steps], [child(container, key) for container, key in steps])
        quoted = None if isinstance(value, dict | list) else value
        return Violation(message, path=path, line=line, column=column, invalid_value=quoted)

    def _steps(self, location: Sequence[str | int]) -> list[tuple[Any, str | int]]:
        steps: list[tuple[Any, str | int]] = []
        current = self._current()
        for key in location:
            steps.append((current, key))
            current = child(current, key)
        return steps

    def _current(self) -> Any:
        if not self.trail:
            return self.root
        container, key = self.trail[-1]
        return child(container, key)

    def _place(self, steps: Sequence[tuple[Any, str | int]], at_key: bool) -> tuple[int | None, int | None]:
        for container, key in reversed(steps):
            spot = spot_of(container, key)
            if spot is not None:
                return (spot.line, spot.column) if at_key else (spot.value_line, spot.value_column)
            at_key = True
        if isinstance(self.root, SourceMap | SourceList):
            return self.root.line, self.root.column
        return (None, None) if isinstance(self.root, dict | list) else (1, 1)

    def doubt(self, message: str, location: Sequence[str | int]) -> None:
        found = self.violation(message, location)
        self.doubts.append(f"Line {found.line}, {found.path}: {message}")

    def deprecate(self, location: Sequence[str | int] = ()) -> None:
        path = format_path([key for _, key in self.trail] + list(location))
        if path not in self.deprecations:
            self.deprecations.append(path)

    def replace(self, old: str, new: str) -> None:
        line = f"{old} is replaced by {new}"
        if line not in self.replacements:
            self.replacements.append(line)


def child(container: Any, key: str | int) -> Any:
    """The entry, or None where there is none."""
    if isinstance(container, dict):
        return container.get(key)
    if isinstance(container, list) and isinstance(key, int) and 0 <= key < len(container):
        return container[key]
    return None


def format_path(keys: Sequence[str | int], values: Sequence[Any] = ()) -> str:
    """`tasks[0].retry.interval`; with what stands there, a task, an input or a trigger by its id: `tasks[hello].type`.

    An item stands by its place when the path goes on into a map of it.
    """
    text = ""
    for index, key in enumerate(keys):
        if isinstance(key, int):
            rest = keys[index + 1 :]
            goes_on = len(rest) > 1 and not any(isinstance(step, int) for step in rest)
            is_named = not goes_on and index < len(values) and keys[index - 1] not in _BY_PLACE
            name = _id_of(values[index]) if is_named else None
            text += f"[{key if name is None else name}]"
        else:
            text += f".{key}" if text else key
    return text


_BY_PLACE = frozenset({"outputs", "sla"})


def _id_of(value: Any) -> str | None:
    name = value.get("id") if isinstance(value, dict) and "type" in value else None
    return name if isinstance(name, str) and name else None
