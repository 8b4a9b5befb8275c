"""Which versions of a thing a purge removes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from plugins.contracts.pieces import Model


class VersionPurge(Model):
    """Old versions: those before a date, and all but the newest so many. With both, a version must be both."""

    type: Literal["version"] = "version"
    before: str | None = None
    """Only versions made before this date."""
    keep_amount: int | None = Field(default=None, ge=1)
    """How many of the newest versions of each stay."""
