"""The configuration as an operator may see it: every value but those that open something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, SecretStr

from control_plane.kernel.config import Config

HIDDEN = "***"
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*(?=@)")
_TELLING = re.compile(r"secret|password|token|api_?key|encryption|private", re.I)


def shown(knobs: Config) -> dict[str, str | int | float | bool]:
    """By dotted name. Secrets are hidden, as are credentials in addresses and whatever is called like a secret."""
    return dict(_flat("", knobs))


def _flat(name: str, value: Any) -> Iterator[tuple[str, str | int | float | bool]]:
    if isinstance(value, BaseModel):
        for part in type(value).model_fields:
            yield from _flat(f"{name}.{part}" if name else part, getattr(value, part))
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from _flat(f"{name}.{key}", below)
    elif value is not None:
        yield name, _one(name, value)


def _one(name: str, value: Any) -> str | int | float | bool:
    if isinstance(value, SecretStr):
        return HIDDEN
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(str(_one(name, each)) for each in value)
    if _TELLING.search(name.rpartition(".")[2]) and str(value):
        return HIDDEN
    return _CREDENTIALS.sub(HIDDEN, str(value))
