"""Secrets that the operator gives to the servers as environment variables."""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Mapping
from typing import Any

from pydantic import Field, field_validator

from control_plane.kernel.words.egress import EgressPolicy
from plugins.secrets.port import Act, BackendMisconfigured, Described, Level, Place, SecretsBackend
from plugins.secrets.settings import BackendSettings

_OURS = "ORRERY_"


class EnvironmentSettings(BackendSettings):
    prefix: str = Field(default="SECRET_", min_length=1)
    """Variables that begin so are secrets: `SECRET_DB_PASSWORD` is `DB_PASSWORD`."""
    encoded: bool = True
    """Whether values are base64, as flows of the open source edition expect."""
    per_tenant: bool = False
    """Whether the id of a tenant follows the prefix: `SECRET_ACME__DB_PASSWORD`. Else all tenants read the same."""

    @field_validator("prefix")
    @classmethod
    def _keeps_our_own(cls, value: str) -> str:
        if _OURS.startswith(value) or value.startswith(_OURS):
            raise ValueError(f"must not show the settings that begin with {_OURS}")
        return value


class EnvironmentBackend(SecretsBackend):
    """Read alone, and the same for every namespace: whoever may run a flow reads all of them."""

    TYPE = "environment"
    ALIASES = ("env",)
    TITLE = "Environment variables"
    SETTINGS = EnvironmentSettings
    LEVELS = frozenset({Level.INSTANCE})
    ACTS = frozenset({Act.READ, Act.LIST})
    keeps_descriptions = False
    keeps_tags = False

    def __init__(
        self, settings: Any, level: Level, policy: EgressPolicy, environ: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(settings, level, policy)
        self._environ = os.environ if environ is None else environ

    def entries(self, place: Place) -> list[Described]:
        prefix = self._prefix(place)
        names = sorted(name for name in self._environ if name.startswith(prefix) and len(name) > len(prefix))
        return [Described(name.removeprefix(prefix)) for name in names]

    def get(self, place: Place, key: str) -> str | None:
        value = self._environ.get(self._prefix(place) + key)
        if value is None or not self.settings.encoded:
            return value or None
        try:
            return base64.b64decode("".join(value.split()), validate=True).decode() or None
        except (binascii.Error, UnicodeDecodeError):
            raise BackendMisconfigured(f"The variable {self._prefix(place)}{key} is not base64 of a text") from None

    def _prefix(self, place: Place) -> str:
        if not self.settings.per_tenant:
            return str(self.settings.prefix)
        return f"{self.settings.prefix}{re.sub('[^a-z0-9]', '_', place.tenant).upper()}__"
