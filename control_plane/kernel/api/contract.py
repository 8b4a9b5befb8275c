"""What the contract names and this instance does not serve yet."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from django.urls import resolve
from django.urls.exceptions import Resolver404


def is_promised(method: str, path: str) -> bool:
    """Whether the contract has this operation among those that are not served yet."""
    parts = path.strip("/").split("/")
    asked = "GET" if method == "HEAD" else method
    return any(_matches(wanted, parts) for wanted in _not_served().get((asked, len(parts)), ()))


def is_shadowed(method: str, path: str) -> bool:
    """Whether an operation that is not served would be taken for another one that is: `flows/expressions` for the flows
    of a namespace of that name."""
    parts = path.strip("/").split("/")
    return any(_matches(wanted, parts) for wanted in _shadowed().get((method, len(parts)), ()))


@cache
def _shadowed() -> dict[tuple[str, int], list[list[str]]]:
    found: dict[tuple[str, int], list[list[str]]] = {}
    for key, patterns in _not_served().items():
        taken = [wanted for wanted in patterns if _is_taken(key[0], wanted)]
        if taken:
            found[key] = taken
    return found


def _is_taken(method: str, wanted: list[str]) -> bool:
    """Whether a route that is served takes it, and knows less of it: no route of its own is shadowed."""
    try:
        match = resolve("/" + "/".join("any" if part == "{}" else part for part in wanted))
    except Resolver404:
        return False
    served = {name.upper() for name in getattr(match.func, "actions", {})}
    return method in served


def _matches(wanted: list[str], parts: list[str]) -> bool:
    return all(word == "{}" or word == part for word, part in zip(wanted, parts, strict=True))


@cache
def _not_served() -> dict[tuple[str, int], list[list[str]]]:
    """The paths by method and number of parts; `{}` stands for any part."""
    text = (files("control_plane") / "contract" / "not_served_yet.txt").read_text(encoding="utf-8")
    found: dict[tuple[str, int], list[list[str]]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            method, path = line.split(" ", 1)
            parts = path.strip("/").split("/")
            found.setdefault((method, len(parts)), []).append(parts)
    return found
