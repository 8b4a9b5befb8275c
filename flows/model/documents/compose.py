"""YAML text read into documents with positions, within limits, by the C parser's events."""

from __future__ import annotations

from typing import Any

import yaml

from control_plane.kernel.words.errors import Violation
from flows.expressions.documents.yaml_scalars import resolve
from flows.model.documents.limits import DEFAULT_LIMITS, DocumentLimits
from flows.model.documents.scalars import EMPTY, canonical
from flows.model.documents.surrogates import is_json, joined, joined_at
from flows.model.documents.text import position, read_text, refusal
from flows.model.documents.tree import SourceList, SourceMap, Spot
from flows.model.errors import FlowInvalid

_Parser: Any = getattr(yaml, "CLoader", yaml.Loader)


def compose_all(source: str | bytes, limits: DocumentLimits = DEFAULT_LIMITS) -> list[Any]:
    """Every document of the text, empty ones left out.

    Raises FlowInvalid for what YAML or we do not accept: broken syntax, aliases, merge keys, tags, keys given twice,
    keys that are no text, and anything beyond the limits. What can be found in one pass is reported together.
    """
    text = read_text(source, limits)
    composer, documents = _composed(joined(text) if is_json(text) else text, limits)
    if composer.problems:
        raise FlowInvalid(composer.problems)
    return documents


def _composed(text: str, limits: DocumentLimits, tries: int = 20) -> tuple[_Composer, list[Any]]:
    """Read again where a character was written as JSON writes it; only so often, for each takes a whole pass."""
    composer = _Composer(text, limits)
    try:
        return composer, composer.run()
    except yaml.YAMLError as error:
        better = joined_at(text, error) if tries else None
        if better is None:
            raise FlowInvalid([*composer.problems, _syntax_violation(text, error)]) from None
    return _composed(better, limits, tries - 1)


def compose(source: str | bytes, limits: DocumentLimits = DEFAULT_LIMITS) -> Any:
    """The one document of the text. Raises FlowInvalid when there is none or more than one."""
    documents = compose_all(source, limits)
    if not documents:
        raise refusal("The document is empty.")
    if len(documents) > 1:
        raise refusal(f"One document is expected here, but the text holds {len(documents)} separated by `---`.")
    return documents[0]


def _syntax_violation(text: str, error: yaml.YAMLError) -> Violation:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        reason = getattr(error, "problem", None) or getattr(error, "context", None) or "unreadable"
        last = text.count("\n") + 1  # an end that comes too soon is marked behind the last line
        return Violation(f"The YAML cannot be read: {reason}.", line=min(mark.line + 1, last), column=mark.column + 1)
    index = getattr(error, "position", 0)
    line, column = position(text, min(index, len(text)) if isinstance(index, int) else 0)
    return Violation(f"The YAML cannot be read: {getattr(error, 'reason', 'unreadable')}.", line=line, column=column)


class _Composer:
    """One pass over the events with a stack of its own, so that nesting can never exhaust Python's."""

    def __init__(self, text: str, limits: DocumentLimits) -> None:
        self.limits = limits
        self.problems: list[Violation] = []
        self.documents: list[Any] = []
        self.nodes = 0
        self._stack: list[SourceMap | SourceList] = []
        self._keys: list[tuple[str, int, int] | None] = []
        self._parser = _Parser(text)

    def run(self) -> list[Any]:
        next_event = self._parser.get_event
        while True:
            event = next_event()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._scalar(event)
            elif kind is yaml.MappingStartEvent:
                self._open(event, SourceMap)
            elif kind is yaml.SequenceStartEvent:
                self._open(event, SourceList)
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._close()
            elif kind is yaml.AliasEvent:
                self._alias(event)
            elif kind is yaml.DocumentEndEvent:
                self._bound_documents(event)
            elif kind is yaml.StreamEndEvent:
                return self.documents

    def _scalar(self, event: Any) -> None:
        mark = event.start_mark
        self._count(mark)
        if event.tag is not None:
            self._refuse_tag(event)
        if event.style == '"' and "\0" in event.value:
            self._problem("The text contains a NUL character; remove it.", mark)
        if self._keys and self._keys[-1] is None:
            self._key(event.value, mark)
            return
        word = event.value
        value = word if event.style else resolve(word) if word else EMPTY
        written = None if value is word or canonical(value) == word else word
        self._add(value, mark, written)

    def _open(self, event: Any, kind: type[SourceMap] | type[SourceList]) -> None:
        mark = event.start_mark
        self._count(mark)
        if event.tag is not None:
            self._refuse_tag(event)
        if len(self._stack) >= self.limits.depth:
            raise FlowInvalid(
                [
                    *self.problems,
                    Violation(
                        f"The document is nested deeper than {self.limits.depth} levels.",
                        line=mark.line + 1,
                        column=mark.column + 1,
                    ),
                ]
            )
        container = kind(mark.line + 1, mark.column + 1)
        if self._keys and self._keys[-1] is None:
            self._problem("A key must be a text, not a list or a map.", mark)
            self._keys[-1] = ("", mark.line + 1, mark.column + 1)
        self._add(container, mark, None)
        self._stack.append(container)
        self._keys.append(None if kind is SourceMap else ("", 0, 0))

    def _close(self) -> None:
        self._stack.pop()
        self._keys.pop()

    def _alias(self, event: Any) -> None:
        self._count(event.start_mark)
        self._problem(
            f"The alias `*{event.anchor}` is not supported: write the value out where it is used.", event.start_mark
        )
        if self._keys and self._keys[-1] is None:
            self._keys[-1] = (f"*{event.anchor}", event.start_mark.line + 1, event.start_mark.column + 1)
        else:
            self._add(None, event.start_mark, None)

    def _key(self, name: str, mark: Any) -> None:
        if name == "<<":
            self._problem("The merge key `<<` is not supported: write the properties out where they are used.", mark)
        elif name in self._stack[-1]:
            self._problem(f"Duplicate field '{name}': each key may be given once.", mark)
        self._keys[-1] = (name, mark.line + 1, mark.column + 1)

    def _add(self, value: Any, mark: Any, written: str | None) -> None:
        if not self._stack:
            if value is not None and value is not EMPTY:
                self.documents.append(value)
            return
        container = self._stack[-1]
        line, column = mark.line + 1, mark.column + 1
        if isinstance(container, SourceList):
            container.append(value)
            container.spots.append(Spot(line, column, line, column, written))
            return
        key = self._keys[-1]
        assert key is not None  # a value of a map always follows its key
        self._keys[-1] = None
        container[key[0]] = value
        container.spots[key[0]] = Spot(key[1], key[2], line, column, written)

    def _refuse_tag(self, event: Any) -> None:
        self._problem(f"The tag `{event.tag}` is not supported: remove it.", event.start_mark)

    def _count(self, mark: Any) -> None:
        self.nodes += 1
        if self.nodes > self.limits.nodes:
            raise refusal(
                f"The document holds more than {self.limits.nodes} values; split it into smaller flows.",
                mark.line + 1,
                mark.column + 1,
            )

    def _bound_documents(self, event: Any) -> None:
        if len(self.documents) > self.limits.documents:
            raise refusal(f"The text holds more than {self.limits.documents} documents.", event.start_mark.line + 1, 1)

    def _problem(self, message: str, mark: Any) -> None:
        self.problems.append(Violation(message, line=mark.line + 1, column=mark.column + 1))
        if len(self.problems) >= self.limits.problems:
            raise FlowInvalid(self.problems)
