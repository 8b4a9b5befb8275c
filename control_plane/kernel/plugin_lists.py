"""Which plugins the operator of the machine lets flows use, whatever anybody says in the application."""

from __future__ import annotations

import re2
from pydantic import field_validator

from control_plane.kernel.section import Section, split


class Plugins(Section):
    """Patterns (regular expressions) of plugin types, such as `io\\.kestra\\.plugin\\.core\\..*`."""

    allowed: tuple[str, ...] = ()
    """Only plugins whose whole type fits one of these; empty allows all. Separated by commas in the environment."""
    denied: tuple[str, ...] = ()
    """No plugin whose whole type fits one of these. Separated by commas in the environment."""

    @field_validator("allowed", "denied", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        return split(value)

    @field_validator("allowed", "denied")
    @classmethod
    def _are_patterns(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            try:
                re2.compile(each)
            except re2.error as error:
                raise ValueError(f"`{each}` is no pattern: {error}") from None
        return value
