"""What is configured of a place that keeps secrets: its fields are the schema, the form and the documentation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from control_plane.kernel.words.durations import Duration

_LONGEST_CACHE = timedelta(minutes=5)
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|-")


def _snake(name: str) -> str:
    return _WORDS.sub("_", name).lower()


class Group(BaseModel):
    """Settings that belong together. Names may be written `appRole`, `app-role` and `app_role`."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _any_spelling(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        return {_snake(str(name)): value for name, value in data.items()}


class Cache(Group):
    """How long a value that was read is used again, in each process."""

    enabled: bool = True
    maximum_size: int = Field(default=1000, ge=1, le=100_000)
    """Values that are kept at most."""
    expire_after_write: Duration = timedelta(seconds=60)
    """A new value is used everywhere after this time at the latest; five minutes at most."""

    @model_validator(mode="after")
    def _not_for_ever(self) -> Cache:
        if self.expire_after_write > _LONGEST_CACHE:
            raise ValueError("expireAfterWrite: values are kept for five minutes at most")
        return self

    @property
    def seconds(self) -> float:
        return self.expire_after_write.total_seconds() if self.enabled else 0.0


class TagFilter(Group):
    tags: dict[str, str] = {}
    """Tags that a secret must bear."""


class PrefixFilter(Group):
    prefix: str = Field(min_length=1)
    """What the names of secrets must begin with."""
    keep_prefix: bool = False
    """Whether flows say the prefix too."""


class BackendSettings(Group):
    """What every place takes."""

    ADDRESSES: ClassVar[tuple[str, ...]] = ()
    """Names, as they are sent, that say where credentials go: with another one they have to be given again."""

    tags: dict[str, str] = {}
    """Tags that every secret gets when it is set from here."""
    cache: Cache = Cache()
    timeout_seconds: float = Field(default=5, gt=0, le=30)
    """How long one request may take."""


class RemoteSettings(BackendSettings):
    """What every place takes that is reached over HTTP."""

    ADDRESSES: ClassVar[tuple[str, ...]] = ("address", "caCertificate")

    ca_certificate: str | None = None
    """Authorities that are trusted beside the usual ones, as PEM."""
