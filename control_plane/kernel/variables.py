"""What expressions of every flow may read of the instance."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from pydantic import Field, field_validator

from control_plane.kernel.section import Section

OUR_PREFIX = "ORRERY_"


class Variables(Section):
    """Variables that expressions of every flow can read: `envs.*`, `globals.*` and `kestra.environment`."""

    env_vars_prefix: str = Field(default="ENV_", min_length=1)
    """Environment variables of the servers that begin so are read as `envs.*`: `ENV_MY_REGION` is `envs.my_region`."""
    globals: dict[str, Any] = {}
    """Values that are read as `globals.*`. JSON in the environment."""
    environment: str | None = None
    """Name of the environment, such as `production`: read as `kestra.environment`."""

    @field_validator("globals", mode="before")
    @classmethod
    def _read_json(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise ValueError("must be a map, as JSON") from None

    @field_validator("env_vars_prefix")
    @classmethod
    def _keeps_our_own(cls, value: str) -> str:
        if OUR_PREFIX.startswith(value) or value.startswith(OUR_PREFIX):
            raise ValueError(f"must not show the settings that begin with {OUR_PREFIX}")
        return value

    def envs(self, environ: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment variables that flows may read, by their names without the prefix, in small letters."""
        given = os.environ if environ is None else environ
        prefix = self.env_vars_prefix
        names = sorted(name for name in given if name.startswith(prefix) and len(name) > len(prefix))
        return {name.removeprefix(prefix).lower(): given[name] for name in names}
