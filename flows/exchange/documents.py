"""Many flows in one text, each kept with the very text it was written in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flows.model.defaults import NO_DEFAULTS, Defaults
from flows.model.errors import FlowInvalid
from flows.model.parse import DefaultsOf, ParsedFlow, parse_documents

# `---` at the start of a line ends a document wherever it stands, even inside a block scalar.
_SEPARATOR = re.compile(r"^---(?:[ \t].*)?$", re.MULTILINE)


def read_documents(
    source: str, defaults: Defaults | DefaultsOf = NO_DEFAULTS
) -> Iterator[tuple[str, ParsedFlow | FlowInvalid]]:
    """Each document's own text and what it says; lines are counted from its first one. Empty documents are left out."""
    for text in _SEPARATOR.split(source):
        try:
            outcomes = parse_documents(text, defaults=defaults)
        except FlowInvalid as unreadable:
            outcomes = [unreadable]
        for outcome in outcomes:
            yield text.strip("\n") + "\n", outcome
