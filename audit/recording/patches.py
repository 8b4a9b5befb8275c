"""What one object became another by, as a JSON patch (RFC 6902)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Patch = list[dict[str, Any]]


def patch(before: Any, after: Any) -> Patch:
    """The operations that turn one into the other; lists are replaced as a whole."""
    return list(_steps(before, after, ""))


def _steps(before: Any, after: Any, path: str) -> Iterator[dict[str, Any]]:
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _inside(before, after, path)
    elif before == after and type(before) is type(after):
        return
    elif before is None and path == "":
        yield {"op": "add", "path": "", "value": after}
    elif after is None and path == "":
        yield {"op": "remove", "path": ""}
    else:
        yield {"op": "replace", "path": path, "value": after}


def _inside(before: dict[str, Any], after: dict[str, Any], path: str) -> Iterator[dict[str, Any]]:
    for key in sorted(before.keys() - after.keys()):
        yield {"op": "remove", "path": f"{path}/{_escaped(key)}"}
    for key in sorted(after):
        inner = f"{path}/{_escaped(key)}"
        if key in before:
            yield from _steps(before[key], after[key], inner)
        else:
            yield {"op": "add", "path": inner, "value": after[key]}


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
