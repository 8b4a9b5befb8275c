"""Inputs: their `id`, and the types that replace BOOLEAN and ENUM."""

from __future__ import annotations

from flows.model.upgrading.found import Findings
from flows.model.upgrading.text import Edits, Map, Scalar
from flows.model.upgrading.walk import inputs_of

NAME = "inputs"
TYPES = {"BOOLEAN": "BOOL", "ENUM": "SELECT"}


def apply(root: Map, edits: Edits, findings: Findings) -> None:
    for given in inputs_of(root):
        name = given.entries.get("name")
        if name is not None and "id" not in given.entries:
            edits.rename(name, "id")
            findings.changed("`name` of an input is `id`", name.key.place.line)
        for key in ("type", "itemType"):
            written = given.value(key)
            if isinstance(written, Scalar) and written.value in TYPES:
                edits.replace(written.place, TYPES[written.value])
                findings.changed(f"the type {written.value} is {TYPES[written.value]}", written.place.line)
