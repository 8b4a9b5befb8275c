"""How a plugin gives a dynamic property its default."""

from __future__ import annotations

from typing import Any

from pydantic import Field


def default(value: Any, **about: Any) -> Any:
    """The default of a `Property`, checked like a value that an author wrote, and plain in the JSON schema."""
    return Field(default=value, validate_default=True, **about)
