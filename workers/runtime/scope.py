"""The variables of a job: those the claim brought, and the rest on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

Ask = Callable[[Sequence[str]], Mapping[str, Any]]

_ABSENT: Any = object()


class Coverage:
    """Which branches of the scope a claim brought whole: those that the task's own expressions name."""

    __slots__ = ("_all", "_paths")

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(paths)
        self._all = "*" in self._paths

    def has(self, path: str) -> bool:
        """Whether everything below the path is known, so that what is missing there does not exist."""
        if self._all:
            return True
        while path:
            if path in self._paths:
                return True
            path = path.rpartition(".")[0]
        return False

    def has_below(self, path: str) -> bool:
        """Whether something below the path is known, but not all of it."""
        return any(known.startswith(f"{path}.") for known in self._paths)


class LazyMap(Mapping[str, Any]):
    """A branch of which only a part is known. A key that is missing is asked for; reading it whole asks for all of it.

    So a variable that nobody foresaw costs a request, and never a wrong result.
    """

    __slots__ = ("_ask", "_coverage", "_fetched", "_is_whole", "_known", "_path", "absent")

    def __init__(self, known: Mapping[str, Any], ask: Ask, coverage: Coverage, path: str = "") -> None:
        self._known = dict(known)
        self._ask = ask
        self._coverage = coverage
        self._path = path
        self._is_whole = False
        self._fetched: set[str] = set()
        self.absent: str | None = None
        """The name of the first branch on the way here that the claim found nothing of."""

    def __getitem__(self, key: str) -> Any:
        value = self.get(key, _ABSENT)
        if value is _ABSENT:
            raise KeyError(key)
        return value

    def get(self, key: str, default: Any = None) -> Any:
        """As of a dict; the way the expression language looks names up."""
        value = self._known.get(key, _ABSENT)
        if value is _ABSENT:
            value = self._fetch(key)
        elif type(value) is dict and key not in self._fetched:
            value = self._below(key, value)
        return default if value is _ABSENT else value

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key, _ABSENT) is not _ABSENT

    def __iter__(self) -> Iterator[str]:
        self._complete()
        return iter(self._known)

    def __len__(self) -> int:
        self._complete()
        return len(self._known)

    def known(self) -> dict[str, Any]:
        """What is here already."""
        return self._known

    def _below(self, key: str, value: dict[str, Any]) -> Any:
        path = f"{self._path}.{key}" if self._path else key
        if self._is_whole or self._coverage.has(path):
            return value
        lazy = LazyMap(value, self._ask, self._coverage, path)
        self._known[key] = lazy
        return lazy

    def _absent(self, key: str, path: str) -> LazyMap:
        branch = LazyMap({}, self._ask, self._coverage, path)
        branch.absent = self.absent or key
        self._known[key] = branch
        return branch

    def _fetch(self, key: Any) -> Any:
        if self._is_whole or not isinstance(key, str) or not key:
            return _ABSENT
        path = f"{self._path}.{key}" if self._path else key
        if "." in key:
            return self._complete_for(key)
        if self._coverage.has(path):
            return _ABSENT
        if self._coverage.has_below(path):
            # The claim looked into this branch and found nothing of what it wanted: the rest may still be asked for.
            return self._absent(key, path)
        found = self._ask([path]).get(path, _ABSENT)
        if found is not _ABSENT:
            self._known[key] = found
            self._fetched.add(key)
        return found

    def _complete_for(self, key: str) -> Any:
        """A key with a dot cannot be written as a path: take the whole branch."""
        self._complete()
        return self._known.get(key, _ABSENT)

    def _complete(self) -> None:
        if self._is_whole or not self._path:
            return
        self._is_whole = True
        found = self._ask([self._path]).get(self._path)
        if isinstance(found, Mapping):
            self._known = dict(found)


def plain(value: Any) -> Any:
    """The value without anything lazy in it."""
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value
