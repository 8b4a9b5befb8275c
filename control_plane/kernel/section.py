"""What a group of knobs is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def split(value: object) -> object:
    """A list as the environment writes it."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
