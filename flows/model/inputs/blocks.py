"""Blocks of inputs that several flows share: one text, kept by its namespace and named by its id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import Field

from flows.model.documents.compose import compose
from flows.model.documents.limits import DEFAULT_LIMITS
from flows.model.documents.tree import plain_with_texts
from flows.model.errors import FlowInvalid
from flows.model.inputs.definitions import INPUT_ID, Input
from flows.model.reading.read import read_model
from flows.model.reading.session import Reading, TooManyViolations
from flows.model.rules.input_defaults import check_defaults
from flows.model.rules.input_dependencies import check_input_dependencies
from plugins.catalog.registry import registry
from plugins.contracts import Model

NESTED = "REUSABLE_INPUTS"
LONGEST_ID = 100


class InputBlock(Model):
    """Inputs under a name, as their author wrote them."""

    TITLE: ClassVar[str] = "Reusable inputs"

    id: str = Field(pattern=INPUT_ID, max_length=LONGEST_ID)
    namespace: str | None = None
    description: str | None = None
    inputs: list[Input] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class ParsedBlock:
    """A valid block, and its document as it was written."""

    block: InputBlock
    document: dict[str, Any]


def parse_block(source: str | bytes) -> ParsedBlock:
    """The block a text describes. Raises FlowInvalid with everything that is wrong, each with its line."""
    document = compose(source, DEFAULT_LIMITS)
    reading = Reading(registry=registry(), root=document)
    block: InputBlock | None = None
    try:
        _refuse_nested(document, reading)
        block = read_model(InputBlock, document, reading) if not reading.violations else None
        if block is not None:
            _check(block.inputs, reading)
    except TooManyViolations:
        block = None
    if block is None or reading.violations:
        raise FlowInvalid(reading.violations)
    shown: dict[str, Any] = plain_with_texts(document, reading.texts)
    return ParsedBlock(block, shown)


def _check(inputs: Sequence[Input], reading: Reading) -> None:
    seen: set[str] = set()
    for index, entry in enumerate(inputs):
        if entry.id in seen:
            reading.complain(f"Duplicate input with name [{entry.id}]", ["inputs", index, "id"])
        seen.add(entry.id)
    check_input_dependencies(inputs, reading, ["inputs"])
    check_defaults(inputs, reading, ["inputs"])


def _refuse_nested(document: Any, reading: Reading) -> None:
    """A block in a block could lead back to itself."""
    waiting: list[tuple[Any, list[str | int]]] = [(document, [])]
    while waiting:
        around, location = waiting.pop()
        entries = around.get("inputs") if isinstance(around, dict) else None
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            place = [*location, "inputs", index]
            waiting.append((entry, place))
            if isinstance(entry, dict) and entry.get("type") == NESTED:
                reading.complain("reusable inputs cannot stand in a block of them", [*place, "type"])
