"""Where a text stands in a source, as fragments that show it."""

from __future__ import annotations

_MOST = 5
_AROUND = 60


def fragments(source: str, wanted: str) -> list[str]:
    """The first places where it stands, each in its line, marked as `[mark]...[/mark]`; none when nothing is wanted."""
    if not wanted:
        return []
    needle, found = wanted.casefold(), []
    for line in source.splitlines():
        at = line.casefold().find(needle)
        if at >= 0:
            found.append(_marked(line, at, len(wanted)))
        if len(found) == _MOST:
            break
    return found


def _marked(line: str, at: int, length: int) -> str:
    start, end = max(0, at - _AROUND), at + length + _AROUND
    return f"{line[start:at]}[mark]{line[at : at + length]}[/mark]{line[at + length : end]}".strip()
