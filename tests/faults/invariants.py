"""Runs the invariants against a database and says which are broken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg

FILE = Path(__file__).with_name("invariants.sql")
SHOWN = 5


def rules() -> dict[str, str]:
    """Each statement by the comment before it."""
    found: dict[str, str] = {}
    for part in FILE.read_text().split("\n-- I")[1:]:
        name, _, statement = part.partition("\n")
        found[f"I{name.strip()}"] = statement.strip()
    return found


def broken(database: psycopg.Connection[Any]) -> dict[str, list[tuple[Any, ...]]]:
    """The rules that do not hold, with some of the rows that break them."""
    result = {}
    for name, statement in rules().items():
        rows = database.execute(statement).fetchmany(SHOWN)
        if rows:
            result[name] = rows
    return result
