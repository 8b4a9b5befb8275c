"""A document as maps and lists that remember where each of their entries was written, and how."""

from __future__ import annotations

from typing import Any, NamedTuple

from flows.model.documents.scalars import Empty


class Spot(NamedTuple):
    """Where an entry stands, counted from 1. `written` is the author's text when the value reads differently."""

    line: int
    column: int
    value_line: int
    value_column: int
    written: str | None = None


class SourceMap(dict[str, Any]):
    """A map whose `spots` say where each key stands."""

    __slots__ = ("column", "line", "spots")

    def __init__(self, line: int = 0, column: int = 0) -> None:
        super().__init__()
        self.line = line
        self.column = column
        self.spots: dict[str, Spot] = {}


class SourceList(list[Any]):
    """A list whose `spots` say where each item stands."""

    __slots__ = ("column", "line", "spots")

    def __init__(self, line: int = 0, column: int = 0) -> None:
        super().__init__()
        self.line = line
        self.column = column
        self.spots: list[Spot] = []


def spot_of(container: Any, key: str | int) -> Spot | None:
    """Where an entry was written, or None when it comes from elsewhere (a default, a JSON body)."""
    if isinstance(container, SourceMap):
        return container.spots.get(str(key))
    if isinstance(container, SourceList) and isinstance(key, int) and key < len(container.spots):
        return container.spots[key]
    return None


def plain(value: Any) -> Any:
    """The same document as ordinary maps and lists, free to be changed, stored or sent."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return "" if type(value) is Empty else value


Texts = dict[tuple[int, str | int], str]
"""Entries that were read as texts, by the identity of their spots, which copies of a document share."""


def plain_with_texts(value: Any, texts: Texts) -> Any:
    """The same, with `1.10` where the author wrote that as a text and not 1.1."""
    if not texts or not isinstance(value, SourceMap | SourceList):
        return plain(value)
    own = id(value.spots)
    if isinstance(value, SourceMap):
        return {key: texts.get((own, key)) or plain_with_texts(item, texts) for key, item in value.items()}
    return [texts.get((own, index)) or plain_with_texts(item, texts) for index, item in enumerate(value)]
