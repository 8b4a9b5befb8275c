"""How a plugin describes what it brings: a JSON schema for each output, written short."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Outputs = Mapping[str, Mapping[str, Any]]
"""The JSON schema of each output by its name."""


def anything(about: str) -> dict[str, Any]:
    return {"description": about}


def text(about: str) -> dict[str, Any]:
    return {"type": "string", "description": about}


def whole(about: str) -> dict[str, Any]:
    """A whole number."""
    return {"type": "integer", "description": about}


def flag(about: str) -> dict[str, Any]:
    """True or false."""
    return {"type": "boolean", "description": about}


def moment(about: str) -> dict[str, Any]:
    return {"type": "string", "format": "date-time", "description": about}


def address(about: str) -> dict[str, Any]:
    """A URI."""
    return {"type": "string", "format": "uri", "description": about}


def record(about: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A map, of values of one schema when it is given."""
    return {"type": "object", **({"additionalProperties": values} if values else {}), "description": about}


def listed(about: str, items: Mapping[str, Any]) -> dict[str, Any]:
    """A list of things of one schema."""
    return {"type": "array", "items": items, "description": about}


def addresses(about: str) -> dict[str, Any]:
    return listed(about, {"type": "string", "format": "uri"})


def files(about: str) -> dict[str, Any]:
    """Addresses by name."""
    return record(about, {"type": "string", "format": "uri"})


HEADERS = record("The headers, each with all its values.", {"type": "array", "items": {"type": "string"}})
SCRIPT: Outputs = {
    "exitCode": whole("The exit code."),
    "outputFiles": files("The files that were kept, by name."),
    "vars": record("What the script told as outputs."),
}
ROWS: Outputs = {
    "row": record("The first row, with `fetchType: FETCH_ONE`."),
    "rows": listed("The rows, with `fetchType: FETCH`.", {"type": "object"}),
    "size": whole("How many rows were fetched or changed."),
    "uri": address("The file of rows, with `fetchType: STORE`."),
}
RESULTS: Outputs = {"outputs": listed("What each statement brought.", {"type": "object"})}
