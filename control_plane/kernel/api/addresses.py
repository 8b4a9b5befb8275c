"""Finds the route of an address without trying every route there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.urls import URLPattern, URLResolver
from django.urls.exceptions import Resolver404
from django.urls.resolvers import ResolverMatch, RoutePattern

_LOOKED_AT = 5
"""Parts of an address that tell its route from most others: `api/v1/<tenant>/executions/search`."""

_COLLECTION = 4
"""Parts that say what an address is about: `api/v1/<tenant>/executions`."""


@dataclass(frozen=True, slots=True)
class _Route:
    """A pattern with its literal parts; None stands for any part."""

    pattern: URLPattern
    parts: tuple[str | None, ...]
    is_open: bool
    """Its last part takes any number of them."""

    @property
    def collection(self) -> list[str]:
        return str(self.pattern.pattern).split("/")[:_COLLECTION]

    def may_match(self, count: int, known: Sequence[str | None]) -> bool:
        if not (count == len(self.parts) or (self.is_open and count > len(self.parts))):
            return False
        return all(own is None or own == given for own, given in zip(self.parts, known, strict=False))


class IndexedRoutes(URLResolver):
    """Resolves as the plain list of its routes would, first match first, but tries only those that may match."""

    def __init__(self, patterns: Sequence[URLPattern | URLResolver]) -> None:
        super().__init__(RoutePattern("", is_endpoint=False), list(patterns))
        self._routes = [_route(pattern) for pattern in all_routes(patterns)]
        self._words = [
            {route.parts[at] for route in self._routes if at < len(route.parts)} - {None} for at in range(_LOOKED_AT)
        ]
        self._candidates = lru_cache(maxsize=4096)(self._found)

    def resolve(self, path: Any) -> ResolverMatch:
        """Raises Resolver404 where no route matches."""
        parts = str(path).split("/")
        known = tuple(part if part in words else None for part, words in zip(parts, self._words, strict=False))
        for pattern in self._candidates(len(parts), known):
            match: ResolverMatch | None = pattern.resolve(path)
            if match is not None:
                return match
        raise Resolver404({"path": path, "tried": []})

    def serving(self, method: str, path: str) -> ResolverMatch | None:
        """The first route of this address that serves the method, where the very first does not: a flow may be called
        as a literal part is. Only routes of as many parts in the same collection (`api/v1/<tenant>/executions`) count.
        """
        count = path.count("/") + 1
        matches = [
            (route, match)
            for route in self._routes
            if len(route.parts) == count and not route.is_open and (match := route.pattern.resolve(path)) is not None
        ]
        for route, match in matches:
            if route.collection == matches[0][0].collection and method.lower() in getattr(match.func, "actions", ()):
                return match
        return None

    def _found(self, count: int, known: tuple[str | None, ...]) -> list[URLPattern]:
        return [route.pattern for route in self._routes if route.may_match(count, known)]


def all_routes(patterns: Sequence[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    """Every route there is, in the order in which they are tried."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        elif str(pattern.pattern) == "":
            yield from all_routes(pattern.url_patterns)
        else:
            raise ValueError(f"routes are included under no prefix: {pattern.pattern}")


def _route(pattern: URLPattern) -> _Route:
    if not isinstance(pattern.pattern, RoutePattern):
        raise TypeError(f"routes are written with path(): {pattern.pattern}")
    parts = str(pattern.pattern).split("/")
    literals = tuple(None if "<" in part else part for part in parts)
    return _Route(pattern, literals, is_open=parts[-1].startswith("<path:"))
