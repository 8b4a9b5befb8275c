"""Defaults of inputs that could never be taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flows.model.inputs.choices import choices_of
from flows.model.inputs.convert import Unfit, convert
from flows.model.inputs.definitions import (
    ArrayInput,
    Input,
    IonInput,
    JsonInput,
    MultiselectInput,
    SelectInput,
    YamlInput,
)
from flows.model.inputs.forms import inside_of
from flows.model.inputs.ports import Keepers
from flows.model.inputs.validate import validate
from flows.model.reading.session import Reading

_LOOKED_AT = Keepers(close_secret=lambda text: text)


def check_defaults(inputs: Sequence[Input], reading: Reading, location: Sequence[str | int]) -> None:
    """One that is rendered is known only at a start. `location` leads to the list of inputs."""
    for index, entry in enumerate(inputs):
        check_defaults(inside_of(entry), reading, [*location, index, "inputs"])
        for name, value in (("defaults", entry.defaults), ("prefill", entry.prefill)):
            reason = None if value is None or value == "" or _is_rendered(value) else _wrong(entry, value)
            if reason is not None:
                word = "default" if name == "defaults" else name
                reading.complain_of_flow(f"Invalid {word} for input '{entry.id}': {reason}", [*location, index, name])


def _wrong(entry: Input, value: Any) -> str | None:
    if isinstance(entry, JsonInput | YamlInput | IonInput) and not isinstance(value, str):
        return None
    item_type = entry.item_type if isinstance(entry, ArrayInput | MultiselectInput) else None
    try:
        converted = convert(entry.type, value, item_type, _LOOKED_AT, entry.id)
    except Unfit:
        shown = value if isinstance(value, str) else str(value)
        return f"`{shown}` is not a valid {entry.type} value"
    try:
        validate(entry, converted, value, _fixed_choices(entry))
    except Unfit as unfit:
        return str(unfit)
    return None


def _fixed_choices(entry: Input) -> Sequence[str] | None:
    if isinstance(entry, SelectInput | MultiselectInput) and entry.expression is not None:
        return None
    return choices_of(entry)


def _is_rendered(value: Any) -> bool:
    if isinstance(value, str):
        return "{{" in value or "{%" in value
    if isinstance(value, dict):
        return any(_is_rendered(item) for item in value.values())
    return isinstance(value, list) and any(_is_rendered(item) for item in value)
