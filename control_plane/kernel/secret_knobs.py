"""The knobs that say where secrets are kept, unless a tenant or a namespace says something else."""

from __future__ import annotations

import json
from typing import Any

from pydantic import Field, field_validator

from control_plane.kernel.section import Section, split


class Secrets(Section):
    """Where secrets are kept, unless a tenant or a namespace says something else."""

    type: str = "built-in"
    """`built-in` keeps them encrypted in our own database; `environment`, `vault` and others keep them elsewhere."""
    configuration: dict[str, Any] = Field(default={}, repr=False)
    """What that place needs to know. JSON in the environment."""
    read_only: bool = False
    """Whether secrets are only read there, and changed by other means."""
    denied_services: tuple[str, ...] = ()
    """What may not ask there: `WORKER` are jobs, `WEBSERVER` are people. Separated by commas in the environment."""

    @field_validator("configuration", mode="before")
    @classmethod
    def _read_json(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise ValueError("must be a map, as JSON") from None

    @field_validator("denied_services", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        return split(value)
