"""Rendering the properties of a task, and turning what comes out into the type the task wants."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from flows import expressions
from plugins.contracts import PluginError, Property
from workers.runtime.scope import plain

T = TypeVar("T")
Seen = Callable[[Iterable[str]], None]


class Renderer:
    """Renders within the scope of one job. Every secret that comes out is shown to `seen`, which hides it later."""

    def __init__(self, scope: Mapping[str, Any], environment: expressions.Environment, seen: Seen) -> None:
        self.scope = scope
        self._environment = environment
        self._seen = seen

    def property(self, prop: Property[T]) -> T:
        """Render and convert. Raises PluginError naming the expression."""
        source = prop.source
        if not prop.is_dynamic:
            return self._converted(prop, source)
        if not isinstance(source, str):
            return self._converted(prop, self.value(source))
        return self._converted(prop, self._evaluate(source), lambda: self.value(source))

    def value(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        """Every text of a value rendered."""
        scope = self.scope if not extra else _Extended(self.scope, extra)
        try:
            rendered = expressions.render(value, scope, self._environment)
        except expressions.ExpressionError as error:
            raise PluginError(str(error), retryable=_is_retryable(error)) from error
        return self._plain(rendered)

    def typed(self, value: Any) -> Any:
        """A text that is a single expression keeps the type of its value."""
        return self._evaluate(value) if isinstance(value, str) else self.value(value)

    def _evaluate(self, source: str) -> Any:
        try:
            return self._plain(expressions.compile(source).evaluate(self.scope, self._environment))
        except expressions.ExpressionError as error:
            raise PluginError(str(error), retryable=_is_retryable(error)) from error

    def _plain(self, rendered: Any) -> Any:
        if isinstance(rendered, str) and type(rendered) is str:
            return rendered
        found = expressions.secrets_in(rendered)
        if found:
            self._seen(found)
        return unmarked(plain(rendered))

    def _converted(self, prop: Property[T], value: Any, as_text: Callable[[], str] | None = None) -> T:
        """Try the value itself, then its text, then what the text says as JSON."""
        try:
            return prop.convert(value)
        except ValidationError as error:
            first = error
        text = as_text() if as_text is not None else value
        if isinstance(text, str):
            for candidate in _readings(text):
                try:
                    return prop.convert(candidate)
                except ValidationError:
                    continue
        reason = first.errors(include_input=False, include_url=False)[0]["msg"]
        raise PluginError(f"`{_short(prop.source)}` cannot be used: {reason}", retryable=False)


def _readings(text: str) -> Iterable[Any]:
    yield text
    stripped = text.strip()
    if stripped != text:
        yield stripped
    if stripped[:1] in ("{", "[", '"') or stripped in ("true", "false", "null"):
        try:
            yield json.loads(stripped)
        except (ValueError, RecursionError):
            return


def _short(source: Any) -> str:
    text = source if isinstance(source, str) else repr(source)
    return text if len(text) <= 200 else f"{text[:200]}..."


def _is_retryable(error: expressions.ExpressionError) -> bool:
    """The next attempt sees other values (`taskrun.attemptsCount`, a store that is back); broken syntax stays so."""
    return not isinstance(error, expressions.ExpressionSyntaxError)


def unmarked(value: Any) -> Any:
    """The value with plain texts and numbers in place of marked ones, as JSON wants it."""
    if isinstance(value, str):
        return str.__str__(value) if type(value) is not str else value
    if isinstance(value, dict):
        return {unmarked(key): unmarked(each) for key, each in value.items()}
    if isinstance(value, list):
        return [unmarked(each) for each in value]
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and type(value) is not int:
        return int(value)
    if isinstance(value, float) and type(value) is not float:
        return float(value)
    return value


class _Extended(Mapping[str, Any]):
    """A scope with a few more names, which may hide those of the scope."""

    def __init__(self, scope: Mapping[str, Any], extra: Mapping[str, Any]) -> None:
        self._scope = scope
        self._extra = extra

    def __getitem__(self, key: str) -> Any:
        return self._extra[key] if key in self._extra else self._scope[key]

    def get(self, key: str, default: Any = None) -> Any:
        return self._extra[key] if key in self._extra else self._scope.get(key, default)

    def __iter__(self) -> Any:
        yield from self._extra
        yield from (key for key in self._scope if key not in self._extra)

    def __len__(self) -> int:
        return sum(1 for _ in self)
