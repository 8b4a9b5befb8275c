"""The expressions that decide what runs next, studied once per flow revision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flows.expressions import compile as compile_expression
from flows.expressions.analysis import LOOP
from flows.expressions.errors import ExpressionError


@dataclass(frozen=True, slots=True)
class Needs:
    """Which variables expressions may touch. `paths` are dotted; `follows` are those whose value is rendered in turn.

    `is_everything` when it cannot be told. `is_pure`: no function that reaches outside; clock and chance are the
    event's.
    """

    paths: frozenset[str] = frozenset()
    follows: frozenset[str] = frozenset()
    is_everything: bool = False
    is_pure: bool = True

    def __or__(self, other: Needs) -> Needs:
        return Needs(
            paths=self.paths | other.paths,
            follows=self.follows | other.follows,
            is_everything=self.is_everything or other.is_everything,
            is_pure=self.is_pure and other.is_pure,
        )

    def wants(self, name: str) -> bool:
        """Whether any part of a top-level variable may be touched."""
        return self.is_everything or any(path == name or path.startswith(f"{name}.") for path in self.paths)

    def is_of_own_loop(self, name: str, key: str) -> bool:
        """Whether of `name.key` only entries under the loop values around the task run may be touched."""
        whole = f"{name}.{key}"
        if self.is_everything or name in self.paths or whole in self.paths:
            return False
        return all(path.split(".")[2] == LOOP for path in self.paths if path.startswith(f"{whole}."))

    def below(self, name: str) -> frozenset[str] | None:
        """The keys under a top-level variable that may be touched; None when that may be any of them."""
        if self.is_everything or name in self.paths:
            return None
        prefix = f"{name}."
        return frozenset(path.split(".")[1] for path in self.paths if path.startswith(prefix))


NOTHING = Needs()
EVERYTHING = Needs(is_everything=True)


@dataclass(frozen=True, slots=True)
class Control:
    """Expressions by name. `constants` are their values when nothing in them must be rendered."""

    expressions: Mapping[str, Any]
    needs: Needs
    constants: Mapping[str, Any] | None


def control_of(expressions: Mapping[str, Any]) -> Control:
    needs = needs_of(expressions)
    is_constant = needs == NOTHING and not has_expression(expressions)
    return Control(expressions, needs, dict(expressions) if is_constant else None)


def needs_of(value: Any) -> Needs:
    """What all texts in a value need together. One that is no expression needs nothing: it fails when rendered."""
    needs = NOTHING
    for text in texts(value):
        needs = needs | _needs_of_text(text)
    return needs


def has_expression(value: Any) -> bool:
    return any("{" in text for text in texts(value))


def texts(value: Any) -> Iterator[str]:
    """Every text in a value however deep, keys included."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, Mapping):
            waiting.extend(each)
            waiting.extend(each.values())
        elif isinstance(each, list | tuple):
            waiting.extend(each)


def _needs_of_text(text: str) -> Needs:
    if "{{" not in text and "{%" not in text:
        return NOTHING
    try:
        references = compile_expression(text).references
    except ExpressionError:
        return NOTHING
    return Needs(
        paths=references.paths,
        follows=references.calls_render,
        is_everything="*" in references.paths or "*" in references.calls_render,
        is_pure=not references.needs_services,
    )
